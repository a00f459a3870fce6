import { useMemo, useState } from 'react'
import { useTrunkline } from '../provider.js'
import type { Message } from '../types.js'

export interface MessageActions {
  react(message: Message, emoji: string): void
  star(message: Message): void
  /** What the last of them came to, when it failed. */
  error: unknown
}

/** What is done to a message at one press; `onDone` gets the message as it is after it. */
export function useMessageActions(onDone: (message: Message) => void): MessageActions {
  const { client } = useTrunkline()
  const [error, setError] = useState<unknown>()
  const actions = useMemo(() => {
    const attempt = (call: Promise<Message>) => {
      setError(undefined)
      call.then(onDone, setError)
    }
    return {
      react: ({ sessionId, id, chatId }: Message, emoji: string) =>
        attempt(client.messages.reactTo(sessionId, id, { emoji }, { chatId })),
      star: ({ sessionId, id, chatId, starred }: Message) =>
        attempt(client.messages.star(sessionId, id, { starred: starred !== true }, { chatId })),
    }
  }, [client, onDone])
  return { ...actions, error }
}
