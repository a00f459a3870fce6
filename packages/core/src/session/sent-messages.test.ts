import { describe, expect, it } from 'vitest'
import { mayHave } from './sent-messages.js'

const [own, carol, mallory] = ['200000000000001@lid', '200000000000003@lid', '200000000000009@lid']
const group = '120363000000000001@g.us'

describe('a message that is asked for once more', () => {
  it.each([
    ['the chat partner', carol, carol, [], true],
    ['another device of the account', carol, own, [], true],
    ['a stranger', carol, mallory, [], false],
    ['a member of the group', group, carol, [own, carol], true],
    ['another device of the account, in a group', group, own, [], true],
    ['somebody who is not in the group', group, mallory, [own, carol], false],
    ['a group whose members nobody knows', group, carol, [], false],
    ['the group itself', group, group, [carol], false],
    ['a member of some other list, in private', carol, mallory, [mallory], false],
    ['somebody who saw our status', 'status@broadcast', carol, [carol], false],
  ])('is for %s: %s, %s', (_who, chat, asker, members, right) => {
    expect(mayHave({ chat, asker, members, own: ['15550000001@s.whatsapp.net', own] })).toBe(right)
  })
})
