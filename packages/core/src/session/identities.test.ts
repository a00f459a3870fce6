import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../memory/memory-store.js'
import { Identities } from './identities.js'

const at = '2026-01-01T00:00:00.000Z'
const PN = '15550000001@s.whatsapp.net'
const LID = '200000000000001@lid'
const GROUP = '120363000000000001@g.us'

function setUp() {
  const { chats } = createMemoryStore()
  const calls = { resolve: 0, mapIdentities: 0 }
  const { resolve, mapIdentities } = chats
  chats.resolve = (...args) => {
    calls.resolve += 1
    return resolve.apply(chats, args)
  }
  chats.mapIdentities = (...args) => {
    calls.mapIdentities += 1
    return mapIdentities.apply(chats, args)
  }
  return { chats, calls, identities: new Identities('s', chats) }
}

describe('the identities of a session', () => {
  it('tell the LID of a number once it is known, in order, and leave everything else as it is', async () => {
    const { identities } = setUp()
    expect(await identities.canonical([PN, GROUP, LID])).toEqual([PN, GROUP, LID])
    await identities.learn([{ pn: PN, lid: LID }], at)
    expect(await identities.canonical([GROUP, PN, PN, LID])).toEqual([GROUP, LID, LID, LID])
  })

  it('ask the store at most once in a call, and not at all for what they know', async () => {
    const { identities, calls } = setUp()
    await identities.canonical([PN, PN, '15550000002@s.whatsapp.net', GROUP])
    expect(calls.resolve).toBe(1)
    await identities.learn([{ pn: PN, lid: LID }], at)
    await identities.learn([{ pn: PN, lid: LID }], at)
    await identities.canonical([PN, GROUP, LID])
    expect(calls).toEqual({ resolve: 1, mapIdentities: 1 })
  })

  it('keep no absence: a mapping can come from elsewhere at any time', async () => {
    const { identities, chats } = setUp()
    expect(await identities.canonical([PN])).toEqual([PN])
    await chats.mapIdentities('s', [{ pn: PN, lid: LID }])
    expect(await identities.canonical([PN])).toEqual([LID])
  })

  it('announce the chats whose id moved', async () => {
    const { identities, chats } = setUp()
    await chats.upsert('s', [{ id: PN, name: 'Ana' }])
    const events = await identities.learn(
      [
        { pn: PN, lid: LID },
        { pn: '15550000002@s.whatsapp.net', lid: '2@lid' },
      ],
      at,
    )
    expect(events).toMatchObject([
      { name: 'chat.updated', at, payload: { mergedFrom: PN, chat: { id: LID, name: 'Ana', phone: '15550000001' } } },
    ])
  })

  it('follow a number to its new LID', async () => {
    const { identities } = setUp()
    await identities.learn([{ pn: PN, lid: LID }], at)
    await identities.learn([{ pn: PN, lid: '200000000000009@lid' }], at)
    expect(await identities.canonical([PN])).toEqual(['200000000000009@lid'])
  })

  it('learn nothing from a store that failed: the pair is news again', async () => {
    const { identities, chats } = setUp()
    const { mapIdentities } = chats
    chats.mapIdentities = () => Promise.reject(new Error('away'))
    await expect(identities.learn([{ pn: PN, lid: LID }], at)).rejects.toThrow('away')
    chats.mapIdentities = mapIdentities
    expect(await identities.canonical([PN])).toEqual([PN])
    await identities.learn([{ pn: PN, lid: LID }], at)
    expect(await identities.canonical([PN])).toEqual([LID])
  })
})
