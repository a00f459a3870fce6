import type { proto, WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { AwaitedMessages } from './awaited-messages.js'

const NOW = Date.UTC(2026, 5, 1)
const DAY_MS = 24 * 60 * 60_000

function backend() {
  const stored = new Map<string, unknown>()
  const parts = {
    auth: { listKeyIds: async () => [...stored.keys()] },
    keys: {
      get: async (_type: string, ids: string[]) => Object.fromEntries(ids.map((id) => [id, stored.get(id)])),
      set: async ({ awaited }: Record<string, Record<string, unknown>>) => {
        for (const [id, value] of Object.entries(awaited ?? {})) value ? stored.set(id, value) : stored.delete(id)
      },
    },
    clock: { now: () => NOW },
  }
  const requests: string[][] = []
  const cached: string[] = []
  const socket = {
    placeholderResendCache: { set: (id: string) => cached.push(id) },
    sendPeerDataOperationMessage: async (request: proto.Message.IPeerDataOperationRequestMessage) => {
      requests.push(request.placeholderMessageResendRequest?.map(({ messageKey }) => messageKey?.id ?? '') ?? [])
      return 'request'
    },
  }
  return { stored, parts, socket, requests, cached }
}

function message(id: string, { at = NOW, from = '200015550000003@lid' } = {}): WAMessage {
  return { key: { id, remoteJid: from, fromMe: false }, messageTimestamp: Math.floor(at / 1000) } as WAMessage
}

describe('messages whose content is awaited', () => {
  it('are asked for by the next connection, with what is known of them', async () => {
    const { parts, socket, requests, cached } = backend()
    await (await AwaitedMessages.read(parts)).add(message('A'))
    await (await AwaitedMessages.read(parts)).ask(socket)
    expect([requests, cached]).toEqual([[['A']], ['A']])
  })

  it('are not asked for any more once they are stored, whichever device of the sender told of them', async () => {
    const { parts, stored, socket, requests } = backend()
    const awaited = await AwaitedMessages.read(parts)
    await awaited.add(message('A', { from: '200015550000003:7@lid' }))
    await awaited.settle(message('A'))
    await awaited.ask(socket)
    expect([requests, [...stored]]).toEqual([[], []])
  })

  it('are given up after two weeks, as by the clients of WhatsApp', async () => {
    const { parts, stored, socket, requests } = backend()
    const awaited = await AwaitedMessages.read(parts)
    await awaited.add(message('OLD', { at: NOW - 15 * DAY_MS }))
    await awaited.add(message('NEW', { at: NOW - 13 * DAY_MS }))
    await awaited.ask(socket)
    expect([requests, stored.size]).toEqual([[['NEW']], 1])
  })

  it('are no more than a thousand, whatever strangers send, and asked for fifty at a time', async () => {
    const { parts, stored, socket, requests } = backend()
    const awaited = await AwaitedMessages.read(parts)
    for (let count = 0; count < 1_010; count += 1) await awaited.add(message(`M${count}`))
    await awaited.ask(socket)
    expect([stored.size, requests.length, requests[0]?.length]).toEqual([1_000, 20, 50])
  })
})
