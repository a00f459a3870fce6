import { message } from '@trunkline/conformance/fixtures'
import { expect, it } from 'vitest'
import type { StoredMessage } from '../types/message.js'
import { actionRight, DELETE_WINDOW_MS, EDIT_WINDOW_MS } from './action-rights.js'

const AT = '2026-01-01T00:00:00.000Z'
const GROUP = '120363000000000001@g.us'
const BEN = '200000000000002@lid'
const base: StoredMessage = { ...message({ chatId: BEN, timestamp: AT }), fromMe: true, raw: Buffer.from('x') }
const theirs = { ...base, fromMe: false, senderId: BEN }

it.each([
  ['a reaction to an own message', 'reaction', base, 0, 'allowed'],
  ['a reaction to a message of somebody else, however old', 'reaction', theirs, DELETE_WINDOW_MS * 100, 'allowed'],
  ['a reaction to a line that nobody said', 'reaction', { ...theirs, type: 'system' }, 0, 'not-supported'],
  ['a reaction to what is deleted', 'reaction', { ...theirs, deletedAt: AT }, 0, 'deleted'],
  ['a reaction to what was not sent', 'reaction', { ...base, status: 'failed' }, 0, 'not-sent'],
  ['a reaction in a channel', 'reaction', { ...theirs, chatId: '1@newsletter' }, 0, 'not-supported'],
  ['a reaction to a status', 'reaction', { ...theirs, chatId: 'status@broadcast' }, 0, 'not-supported'],
  ['an edit in time', 'edit', base, EDIT_WINDOW_MS, 'allowed'],
  ['an edit of a caption', 'edit', { ...base, type: 'image' }, 0, 'allowed'],
  ['an edit that is too late', 'edit', base, EDIT_WINDOW_MS + 1, 'too-old'],
  ['an edit of a message of somebody else', 'edit', theirs, 0, 'not-own'],
  ['an edit of what has no text', 'edit', { ...base, type: 'sticker' }, 0, 'not-editable'],
  ['an edit of what is on its way', 'edit', { ...base, status: 'pending' }, 0, 'not-sent'],
  ['an edit of what may have been sent', 'edit', { ...base, status: 'unknown' }, 0, 'allowed'],
  ['a deletion in time', 'delete', base, DELETE_WINDOW_MS, 'allowed'],
  ['a deletion that is too late', 'delete', base, DELETE_WINDOW_MS + 1, 'too-old'],
  ['a deletion of what somebody else wrote', 'delete', theirs, 0, 'not-own'],
  ['a deletion of what a member wrote', 'delete', { ...theirs, chatId: GROUP }, 0, 'admins-only'],
  ['a deletion of an own message in a group', 'delete', { ...base, chatId: GROUP }, 0, 'allowed'],
  ['a second deletion', 'delete', { ...base, deletedAt: AT }, 0, 'deleted'],
] as const)('%s', (_what, kind, target, ageMs, right) => {
  expect(actionRight(kind, target as StoredMessage, { now: Date.parse(AT) + ageMs })).toBe(right)
})
