import type { Client } from '@trunkline/client'
import { useEffect, useRef, useState } from 'react'
import { useTrunkline } from '../provider.js'
import type { Message } from '../types.js'
import type { FileKind } from './file-to-send.js'
import { watchUpload } from './uploads.js'

export interface FileToSend {
  to: string
  file: Blob
  fileName?: string
  kind: FileKind | 'voice'
  caption?: string
  quotedMessageId?: string
}

/** Sends files, one at a time: how far the one is, and what ends it. */
export function useSendFile(sessionId: string): {
  sent: number | undefined
  cancel(): void
  send(file: FileToSend, key: string): Promise<Message>
} {
  const { client } = useTrunkline()
  const [sent, setSent] = useState<number>()
  const going = useRef<AbortController>(undefined)
  useEffect(() => () => going.current?.abort(), [])
  const send = async (file: FileToSend, key: string) => {
    const ending = new AbortController()
    going.current = ending
    setSent(0)
    const unwatch = watchUpload(key, setSent)
    try {
      return await client.messages.send(sessionId, bodyOf(file), { idempotencyKey: key, signal: ending.signal })
    } finally {
      unwatch()
      setSent(undefined)
    }
  }
  return { sent, cancel: () => going.current?.abort(), send }
}

type Body = Parameters<Client['messages']['send']>[1]

function bodyOf({ to, file, fileName, kind, caption, quotedMessageId }: FileToSend): Body {
  const media = { file, ...(fileName === undefined ? {} : { fileName }) }
  const shared = { to, media, ...(quotedMessageId === undefined ? {} : { quotedMessageId }) }
  const words = caption ? { caption } : {}
  switch (kind) {
    case 'audio':
    case 'voice':
      return { ...shared, type: kind }
    case 'image':
      return { ...shared, ...words, type: kind }
    case 'video':
      return { ...shared, ...words, type: kind }
    case 'document':
      return { ...shared, ...words, type: kind }
  }
}
