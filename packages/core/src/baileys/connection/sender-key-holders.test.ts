import type { GroupMetadata, SignalKeyStore } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { givenAgain, type Holders, SenderKeyHolders } from './sender-key-holders.js'

const GROUP = '120363000000000001@g.us'
const [ANA, BEN] = ['200000000000001@lid', '200000000000002@lid']
const BEN_PHONE = '15550000002@s.whatsapp.net'
const STRANGER = '200000000000009@lid'
const group = {
  participants: [{ id: ANA }, { id: BEN, lid: BEN, phoneNumber: BEN_PHONE }],
} as unknown as GroupMetadata

describe('who has our sender key, after a device has asked for a message again', () => {
  const holders = { [ANA]: true, [BEN]: true, '200000000000002:7@lid': true }
  const nobodyHasIt = Object.fromEntries(Object.keys(holders).map((name) => [name, false]))

  it.each<[string, string, GroupMetadata | undefined, Holders]>([
    ['a device of a member', '200000000000002:7@lid', group, { ...holders, '200000000000002:7@lid': false }],
    ['the phone of a member', BEN, group, { ...holders, [BEN]: false }],
    [
      'a device by the other address',
      '15550000002:7@s.whatsapp.net',
      group,
      { ...holders, '200000000000002:7@lid': false },
    ],
    ['a device of a member that is not known', '200000000000002:8@lid', group, nobodyHasIt],
    ['somebody who is not in the group', STRANGER, group, holders],
    [
      'a device, where nobody tells who is in the group',
      '200000000000002:7@lid',
      undefined,
      { ...holders, '200000000000002:7@lid': false },
    ],
    ['somebody else, where nobody tells', STRANGER, undefined, nobodyHasIt],
  ])('%s', (_who, device, known, expected) => {
    expect(givenAgain(holders, device, known)).toEqual(expected)
  })
})

describe('the keys as Baileys gets them', () => {
  function setUp(memory: Holders | undefined) {
    const stored: Record<string, Record<string, unknown>> = { 'sender-key-memory': memory ? { [GROUP]: memory } : {} }
    const keys = {
      get: async (type: string) => ({ ...stored[type] }),
      set: async (changes: Record<string, Record<string, unknown>>) => {
        for (const [type, values] of Object.entries(changes)) stored[type] = { ...stored[type], ...values }
      },
    } as unknown as SignalKeyStore
    let isAlone = false
    const parts = {
      keys: {
        get: keys.get,
        set: (changes: Parameters<SignalKeyStore['set']>[0]) => {
          expect(isAlone).toBe(true)
          return keys.set(changes)
        },
      },
      groupOf: async () => group,
      whileNothingIsSent: async (work: () => Promise<void>) => {
        isAlone = true
        await work()
        isAlone = false
      },
    }
    const holders = new SenderKeyHolders(parts)
    const asked = (participant: string) => holders.asked({ tag: 'receipt', attrs: { from: GROUP, participant } })
    return { stored, asked, behind: holders.behind(keys) }
  }
  const forgets = { 'sender-key-memory': { [GROUP]: null } } as unknown as Parameters<SignalKeyStore['set']>[0]

  it('keep who has our sender key when Baileys forgets it, but for those who have asked', async () => {
    const { stored, asked, behind } = setUp({ [ANA]: true, [BEN]: true })
    asked(BEN)
    await behind.set({ ...forgets, session: { 'x.0': Buffer.from('x') } } as typeof forgets)
    expect(stored['sender-key-memory']).toEqual({ [GROUP]: { [ANA]: true, [BEN]: false } })
    expect(stored.session).toEqual({ 'x.0': Buffer.from('x') })
  })

  it('remember an asker once: what was given since is not given again', async () => {
    const { stored, asked, behind } = setUp({ [ANA]: true, [BEN]: true })
    asked(BEN)
    await behind.set(forgets)
    await behind.set({ 'sender-key-memory': { [GROUP]: { [ANA]: true, [BEN]: true } } } as unknown as typeof forgets)
    asked(ANA)
    await behind.set(forgets)
    expect(stored['sender-key-memory']).toEqual({ [GROUP]: { [ANA]: false, [BEN]: true } })
  })

  it('invent no holders where none are known', async () => {
    const { stored, asked, behind } = setUp(undefined)
    asked(BEN)
    await behind.set(forgets)
    expect(stored['sender-key-memory']).toEqual({})
  })
})
