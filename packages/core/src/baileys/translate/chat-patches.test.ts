import { message } from '@trunkline/conformance/fixtures'
import { chatModificationToAppPatch } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import type { ChatAction } from '../../ports/connector.js'
import { chatPatches } from './chat-patches.js'

const BEN = '200000000000002@lid'
const GROUP = '120363000000000001@g.us'
const NOW = Date.UTC(2026, 0, 1, 12)
const newest = message({ id: 'N', chatId: BEN, senderId: BEN, timestamp: '2026-01-01T11:00:00.000Z' })
const SECONDS = Date.UTC(2026, 0, 1, 11) / 1_000
const range = {
  lastMessageTimestamp: SECONDS,
  messages: [{ key: { remoteJid: BEN, id: 'N', fromMe: false }, timestamp: SECONDS }],
}
const lastMessages = [{ key: { remoteJid: BEN, id: 'N', fromMe: false }, messageTimestamp: SECONDS }]

it.each([
  [
    { kind: 'archive', archived: false, newest },
    { archive: false, lastMessages },
  ],
  [{ kind: 'pin', pinned: true }, { pin: true }],
  [{ kind: 'mute', until: '2030-01-01T00:00:00.000Z' }, { mute: Date.UTC(2030, 0, 1) }],
  [{ kind: 'mute', until: null }, { mute: null }],
  [
    { kind: 'read', read: true, newest },
    { markRead: true, lastMessages },
  ],
  [
    { kind: 'clear', keepStarred: false, newest },
    { clear: true, lastMessages },
  ],
  [
    { kind: 'delete', newest },
    { delete: true, lastMessages },
  ],
] as const)("%j has the place, index and version of Baileys' own table", (action, modification) => {
  const [patch] = chatPatches(BEN, action as ChatAction, { nowMs: NOW })
  const { type, index, apiVersion, operation } = chatModificationToAppPatch(modification as never, BEN)
  expect(patch).toMatchObject({ type, index, apiVersion, operation })
})

it.each<[ChatAction, object]>([
  [{ kind: 'archive', archived: true, newest }, { archiveChatAction: { archived: true, messageRange: range } }],
  [{ kind: 'read', read: false, newest }, { markChatAsReadAction: { read: false, messageRange: range } }],
  [{ kind: 'clear', keepStarred: true }, { clearChatAction: { messageRange: { lastMessageTimestamp: NOW / 1_000 } } }],
  [{ kind: 'delete', newest }, { deleteChatAction: { messageRange: range } }],
  [{ kind: 'mute', until: 'for-ever' }, { muteAction: { muted: true, muteEndTimestamp: -1 } }],
])('%j says this', (action, value) => {
  const [patch] = chatPatches(BEN, action, { nowMs: NOW })
  expect(patch?.syncAction).toEqual({ timestamp: NOW, ...value })
})

it('a chat that is put into the archive is no longer pinned', () => {
  const patches = chatPatches(BEN, { kind: 'archive', archived: true, newest }, { nowMs: NOW })
  expect(patches.map(({ index, syncAction: { pinAction } }) => [index[0], pinAction])).toEqual([
    ['archive', undefined],
    ['pin_v1', { pinned: false }],
  ])
})

it.each([
  ['of the chat partner', message({ id: 'M', chatId: BEN, senderId: BEN }), [BEN, 'M', '0', '0']],
  ['of the account', message({ id: 'M', chatId: GROUP, fromMe: true }), [GROUP, 'M', '1', '0']],
  ['of a member', message({ id: 'M', chatId: GROUP, senderId: BEN }), [GROUP, 'M', '0', BEN]],
] as const)('a message %s is named as phones name it', (_what, about, index) => {
  const { chatId } = about
  const [star] = chatPatches(chatId, { kind: 'star', starred: true, message: about }, { nowMs: NOW })
  const [removed] = chatPatches(chatId, { kind: 'remove', message: about }, { nowMs: NOW })
  expect(star).toMatchObject({ type: 'regular_high', index: ['star', ...index], apiVersion: 2 })
  expect(removed).toMatchObject({ type: 'regular_high', index: ['deleteMessageForMe', ...index], apiVersion: 3 })
})
