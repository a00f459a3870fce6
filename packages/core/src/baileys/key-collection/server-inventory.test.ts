import { type BinaryNode, initAuthCreds } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { serverInventory } from './server-inventory.js'

const creds = { ...initAuthCreds(), registrationId: 77 }
const id = (number: number): BinaryNode => ({ tag: 'id', attrs: {}, content: bigEndian(number, 3) })
const node = (tag: string, content: BinaryNode['content'] = []): BinaryNode => ({ tag, attrs: {}, content })
const result = (child: BinaryNode): BinaryNode => ({ tag: 'iq', attrs: { type: 'result' }, content: [child] })

function bigEndian(number: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(number, 0, length)
  return bytes
}

const digest = (changes: { identity?: Uint8Array; registration?: number; list?: BinaryNode[] } = {}) => [
  node('registration', bigEndian(changes.registration ?? 77, 4)),
  node('identity', changes.identity ?? creds.signedIdentityKey.public),
  node('list', changes.list ?? [id(3), id(812)]),
]

/** A server that answers each question, by the tag of what is asked for, as given. */
function inventory(answers: Record<string, BinaryNode | undefined | Error>) {
  const query = async ({ content }: BinaryNode) => {
    const answer = answers[(content as BinaryNode[])[0]?.tag ?? '']
    if (answer instanceof Error) throw answer
    return answer
  }
  return serverInventory(query, creds)
}

const count = (value: string): BinaryNode => result({ tag: 'count', attrs: { value } })

describe('the pre-keys that the server says it has', () => {
  it('are those of the digest of our key bundle', async () => {
    const { preKeyIds } = inventory({ digest: result(node('digest', digest())), count: count('2') })
    expect(await preKeyIds()).toEqual(new Set([3, 812]))
  })

  it('may be none', async () => {
    const { preKeyIds } = inventory({ digest: result(node('digest', digest({ list: [] }))), count: count('0') })
    expect(await preKeyIds()).toEqual(new Set())
  })

  it('are believed with the type byte before the identity as well', async () => {
    const identity = Buffer.concat([Buffer.from([5]), creds.signedIdentityKey.public])
    const { preKeyIds } = inventory({ digest: result(node('digest', digest({ identity }))), count: count('2') })
    expect(await preKeyIds()).toEqual(new Set([3, 812]))
  })

  it.each([
    ['there is no answer in time', undefined, count('2')],
    ['the connection is gone', new Error('gone'), count('2')],
    ['the answer is an error', { tag: 'iq', attrs: { type: 'error' } }, count('2')],
    ['there is no digest', result(node('other')), count('2')],
    ['the digest has no list', result(node('digest', digest().slice(0, 2))), count('2')],
    ['it is of another identity', result(node('digest', digest({ identity: Buffer.alloc(32) }))), count('2')],
    ['it is of another registration', result(node('digest', digest({ registration: 78 }))), count('2')],
    ['an id cannot be read', result(node('digest', digest({ list: [id(3), node('id')] }))), count('2')],
    ['the server counts more than it lists', result(node('digest', digest())), count('3')],
    ['the server does not say how many', result(node('digest', digest())), result(node('count'))],
  ] as const)('are not known when %s', async (_name, answer, counted) => {
    const { preKeyIds } = inventory({ digest: answer as BinaryNode | undefined | Error, count: counted })
    expect(await preKeyIds()).toBeUndefined()
  })
})

describe('the groups that the server says we are in', () => {
  const group = (attrs: Record<string, string>): BinaryNode => ({ tag: 'group', attrs })

  it('are given with and without their domain', async () => {
    const groups = node('groups', [group({ id: '1' }), group({ id: '2@g.us' })])
    expect(await inventory({ participating: result(groups) }).groups()).toEqual(new Set(['1@g.us', '2@g.us']))
  })

  it.each([
    ['there is no answer', undefined],
    ['the answer has no groups', result(node('other'))],
    ['a group has no id', result(node('groups', [group({})]))],
  ])('are not known when %s', async (_name, answer) => {
    expect(await inventory({ participating: answer }).groups()).toBeUndefined()
  })
})
