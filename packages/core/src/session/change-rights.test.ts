import { describe, expect, it } from 'vitest'
import { changeRight } from './change-rights.js'

const [own, ben, carol] = ['200000000000001@lid', '200000000000002@lid', '200000000000003@lid']
const group = '120363000000000001@g.us'
const newsletter = '120363000000000009@newsletter'

describe('a change of a message', () => {
  it.each([
    ['by its author', { kind: 'delete', chatId: group, senderId: carol, storedAuthorId: carol }, 'allowed'],
    [
      'by its author, named',
      { kind: 'delete', chatId: group, senderId: carol, authorId: carol, storedAuthorId: carol },
      'allowed',
    ],
    ['by its author, in private', { kind: 'delete', chatId: carol, senderId: carol, storedAuthorId: carol }, 'allowed'],
    ['by another, in private', { kind: 'delete', chatId: carol, senderId: carol, storedAuthorId: own }, 'refused'],
    [
      'by another member',
      { kind: 'delete', chatId: group, senderId: ben, authorId: carol, storedAuthorId: carol },
      'admins-only',
    ],
    [
      'by another member who names no author',
      { kind: 'delete', chatId: group, senderId: ben, storedAuthorId: carol },
      'admins-only',
    ],
    [
      'by another member who calls it his own',
      { kind: 'delete', chatId: group, senderId: ben, authorId: ben, storedAuthorId: carol },
      'refused',
    ],
    [
      'of ours, by a member',
      { kind: 'delete', chatId: group, senderId: ben, authorId: own, storedAuthorId: own },
      'admins-only',
    ],
    [
      'by its author who names another',
      { kind: 'delete', chatId: group, senderId: carol, authorId: ben, storedAuthorId: carol },
      'refused',
    ],
    [
      'by another, of a status',
      { kind: 'delete', chatId: 'status@broadcast', senderId: ben, storedAuthorId: carol },
      'refused',
    ],
    [
      'by another, of a channel',
      { kind: 'delete', chatId: newsletter, senderId: ben, storedAuthorId: newsletter },
      'refused',
    ],
    [
      'by whoever runs a channel, of a post of the account',
      { kind: 'delete', chatId: newsletter, senderId: newsletter, storedAuthorId: own },
      'allowed',
    ],
    ['that edits, by its author', { kind: 'edit', chatId: group, senderId: carol, storedAuthorId: carol }, 'allowed'],
    ['that edits, by another member', { kind: 'edit', chatId: group, senderId: ben, storedAuthorId: carol }, 'refused'],
    [
      'that edits, by another, in private',
      { kind: 'edit', chatId: carol, senderId: carol, storedAuthorId: own },
      'refused',
    ],
  ] as const)('%s', (_who, change, right) => {
    expect(changeRight(change)).toBe(right)
  })
})
