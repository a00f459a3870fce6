import type { WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { historyParts } from './history-parts.js'
import { Preload } from './preload.js'

const ME = '15550000001@s.whatsapp.net'
type Set = Parameters<typeof historyParts>[0]

const jid = (chat: number) => `1555000${1_000 + chat}@s.whatsapp.net`
const wa = (chat: number, second: number): WAMessage =>
  ({
    key: { remoteJid: jid(chat), id: `${chat}-${second}`, fromMe: false },
    messageTimestamp: 1_764_000_000 + second,
    message: { conversation: `${second}` },
  }) as WAMessage

/** As WhatsApp tells it: each conversation begins with its newest message. */
function historyOf({ chats, messages }: { chats: number; messages: number }): Set {
  const seconds = Array.from({ length: messages }, (_, place) => messages - place)
  return {
    chats: Array.from({ length: chats }, (_, chat) => ({ id: jid(chat) })),
    contacts: Array.from({ length: chats }, (_, chat) => ({ id: jid(chat), name: `${chat}` })),
    messages: Array.from({ length: chats }, (_, chat) => seconds.map((second) => wa(chat, second))).flat(),
    progress: 100,
    isLatest: true,
  } as unknown as Set
}

const partsOf = (set: Set, limit = 10_000) =>
  historyParts(set, { me: ME, preload: new Preload({ type: 'all', limit }) }).map((part) => part())

describe('the parts of a history', () => {
  it('bring everything, no more than two hundred of a kind at once, and say at the end that it is done', () => {
    const parts = partsOf(historyOf({ chats: 450, messages: 3 }))
    for (const { messages, chats, contacts } of parts)
      expect(Math.max(messages.length, chats.length, contacts.length)).toBeLessThanOrEqual(200)
    expect(parts.flatMap(({ messages }) => messages)).toHaveLength(1_350)
    expect(new Set(parts.flatMap(({ chats }) => chats.map(({ id }) => id))).size).toBe(450)
    expect(new Set(parts.flatMap(({ contacts }) => contacts.map(({ id }) => id))).size).toBe(450)
    expect(parts.map(({ done }) => done).lastIndexOf(false)).toBe(parts.length - 2)
    expect(parts.at(-1)).toMatchObject({ done: true, progress: 100 })
  })

  it('bring the newest of a chat first, each part from the oldest on', () => {
    const parts = partsOf(historyOf({ chats: 1, messages: 450 })).filter(({ messages }) => messages.length > 0)
    const texts = parts.map(({ messages }) => messages.map(({ text }) => Number(text)))
    expect(texts.map((part) => [part[0], part.at(-1)])).toEqual([
      [251, 450],
      [51, 250],
      [1, 50],
    ])
  })

  it('keep the newest chats of the whole history, wherever they stand in it', () => {
    const set = historyOf({ chats: 5, messages: 100 })
    set.messages.push(wa(9, 10_000))
    const kept = partsOf(set, 1).flatMap(({ messages }) => messages.map(({ chatId }) => chatId))
    expect(kept).toEqual([jid(9)])
  })

  it('are one that says so when there is nothing', () => {
    expect(partsOf({ chats: [], contacts: [], messages: [] } as unknown as Set).at(-1)).toMatchObject({ done: true })
  })
})
