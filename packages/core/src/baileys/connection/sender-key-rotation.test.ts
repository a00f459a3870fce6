import { describe, expect, it } from 'vitest'
import type { KnownGroup } from './group-cache.js'
import { holdersAreOthers, SenderKeyRotation } from './sender-key-rotation.js'

const ANA = '200000000000001@lid'
const BEN = '200000000000002@lid'
const GROUP = '120363000000000001@g.us'
const NAMES = [`${GROUP}::15550000001::3`, `${GROUP}::200000000000001_1::3`] as const

describe('our sender key', () => {
  const members = new Set([ANA, BEN, '15550000002@s.whatsapp.net'])

  it.each([
    ['nobody', [], [], false],
    ['members and their devices', [ANA, '200000000000002:7@lid'], [], false],
    ['a member under the other address', ['15550000002:1@s.whatsapp.net'], [], false],
    ['somebody who is not in the group', [ANA, '200000000000003@lid'], [], true],
    ['a device that was unlinked', ['200000000000002:7@lid'], ['200000000000002:7@lid'], true],
  ])('held by %s', (_who, holders, removed, expected) => {
    expect(holdersAreOthers(holders, members, new Map(removed.map((device) => [device, true])))).toBe(expected)
  })

  it('is forgotten when it is not known who has it', async () => {
    const { stored, send } = setUp({ 'sender-key': { [NAMES[1]]: Buffer.from('key') }, 'sender-key-memory': {} })
    await send(groupOf(ANA, BEN))
    expect(stored['sender-key']).toEqual(Object.fromEntries(NAMES.map((name) => [name, null])))
  })

  it('is left alone where there is none yet', async () => {
    const { stored, send } = setUp({})
    await send(groupOf(ANA, BEN))
    expect(stored).toEqual({})
  })

  it('is forgotten together with who has it, and not looked at again until the group is another one', async () => {
    const { stored, reads, send } = setUp({ 'sender-key-memory': { [GROUP]: { [BEN]: true } } })
    const withBen = groupOf(ANA, BEN)
    await send(withBen)
    await send(withBen)
    expect([reads.length, stored['sender-key']]).toEqual([1, undefined])
    await send(groupOf(ANA))
    expect(Object.keys(stored['sender-key'] ?? {})).toEqual(NAMES)
    expect(stored['sender-key-memory']).toEqual({ [GROUP]: null })
  })
})

function setUp(stored: Record<string, Record<string, unknown>>) {
  const reads: string[] = []
  const keys = {
    get: async (type: string) => {
      reads.push(type)
      return stored[type] ?? {}
    },
    set: async (data: object) => void Object.assign(stored, data),
  }
  const rotation = new SenderKeyRotation({
    keys: keys as unknown as ConstructorParameters<typeof SenderKeyRotation>[0]['keys'],
    own: () => ['15550000001:3@s.whatsapp.net', '200000000000001:3@lid'],
    whileNothingIsSent: (work) => work(),
  })
  const socket = { signalRepository: { jidToSignalProtocolAddress: addressOf } }
  const send = (known: KnownGroup) => rotation.beforeSend(known, socket as Parameters<typeof rotation.beforeSend>[1])
  return { stored, reads, send }
}

function groupOf(...members: string[]): KnownGroup {
  const settings = { announce: false, locked: false, joinApproval: false, memberAdd: false }
  return {
    group: { id: GROUP, subject: 'Team', participants: [], settings, identities: [] },
    metadata: {
      id: GROUP,
      subject: 'Team',
      owner: undefined,
      participants: members.map((id) => ({ id, admin: null })),
    },
  }
}

function addressOf(jid: string): string {
  const [user = '', server = ''] = jid.split('@')
  const [name, device = '0'] = user.split(':')
  return `${name}${server === 'lid' ? '_1' : ''}.${device}`
}
