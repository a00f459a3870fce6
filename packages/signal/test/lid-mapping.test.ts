import { describe, expect, it } from 'vitest'
import { baileysParty, exchange, introduce, ourParty, type Party, receive, send } from './parties.js'

const PHONE = '4915110000001:2@s.whatsapp.net'
const LID = '77770000001:2@lid'
const ME = '4915110000002@s.whatsapp.net'

function as(party: Party, jid: string): Party {
  return { ...party, jid }
}

async function learnMapping(me: Party): Promise<void> {
  await me.repository.lidMapping.storeLIDPNMappings([{ pn: '4915110000001@s.whatsapp.net', lid: '77770000001@lid' }])
}

async function acquainted(): Promise<{ me: Party; peer: Party }> {
  const [me, peer] = [ourParty(ME), baileysParty(PHONE)]
  await me.store.set({ 'device-list': { '4915110000001': ['0', '2'] } })
  await introduce(me, peer)
  await exchange(me, peer, 'hello')
  await exchange(peer, me, 'hi')
  return { me, peer }
}

describe('phone numbers and LIDs', () => {
  it('are one session once the mapping is known and the session migrated', async () => {
    const { me, peer } = await acquainted()
    await learnMapping(me)
    expect(await me.repository.migrateSession(PHONE, '77770000001@lid')).toEqual({ migrated: 1, skipped: 0, total: 1 })
    expect(me.store.values.has('session|4915110000001.2')).toBe(false)
    expect(me.store.values.has('session|77770000001_1.2')).toBe(true)
    expect(await exchange(as(peer, LID), me, 'by LID')).toBe('by LID')
    expect(await exchange(peer, me, 'by phone number')).toBe('by phone number')
    expect(await exchange(me, peer, 'answered')).toBe('answered')
    expect(await me.repository.validateSession(PHONE)).toEqual({ exists: true })
    expect(await me.repository.validateSession(LID)).toEqual({ exists: true })
  })

  it('are one session even before anybody migrates it', async () => {
    const { me, peer } = await acquainted()
    await learnMapping(me)
    expect(await exchange(as(peer, LID), me, 'by LID')).toBe('by LID')
    expect(me.store.values.has('session|4915110000001.2')).toBe(false)
    expect(await exchange(me, peer, 'by phone number')).toBe('by phone number')
  })

  it('keep both sessions when there is one under each', async () => {
    const { me, peer } = await acquainted()
    const late = await send(peer, me, 'sent in the first session')
    await introduce(me, as(peer, LID))
    await learnMapping(me)
    await me.repository.migrateSession(PHONE, '77770000001@lid')
    expect(await receive(me, as(peer, LID), late)).toBe('sent in the first session')
    expect(await exchange(me, as(peer, LID), 'go on')).toBe('go on')
  })

  it('migrate only phone numbers, and only to LIDs', async () => {
    const { me } = await acquainted()
    expect(await me.repository.migrateSession(PHONE, ME)).toEqual({ migrated: 0, skipped: 0, total: 0 })
    expect(await me.repository.migrateSession(LID, LID)).toEqual({ migrated: 0, skipped: 0, total: 1 })
    expect(me.store.values.has('session|4915110000001.2')).toBe(true)
  })

  it('are deleted under both', async () => {
    const { me } = await acquainted()
    await learnMapping(me)
    await me.repository.migrateSession(PHONE, '77770000001@lid')
    await me.repository.deleteSession([PHONE])
    expect(await me.repository.validateSession(LID)).toEqual({ exists: false, reason: 'no session' })
  })

  it('give addresses like stock, hosted devices included, and refuse what stock refuses', async () => {
    const [ours, stock] = [ourParty(ME), baileysParty(ME)]
    const jids = [PHONE, LID, ME, '4915110000001:99@hosted', '77770000001:99@hosted.lid', '123_7:4@s.whatsapp.net']
    for (const jid of jids) {
      expect(ours.repository.jidToSignalProtocolAddress(jid)).toBe(stock.repository.jidToSignalProtocolAddress(jid))
    }
    for (const jid of ['77770000001:99@lid', '@s.whatsapp.net', '1.2@s.whatsapp.net']) {
      expect(() => stock.repository.jidToSignalProtocolAddress(jid)).toThrow()
      expect(() => ours.repository.jidToSignalProtocolAddress(jid)).toThrow()
    }
  })

  it('talk to a hosted device and find it again under its hosted LID', async () => {
    const [me, peer] = [ourParty(ME), baileysParty('4915110000001:99@hosted')]
    await introduce(me, peer)
    await exchange(me, peer, 'hello')
    await learnMapping(me)
    await me.repository.migrateSession('4915110000001:99@hosted', '77770000001@lid')
    expect(me.store.values.has('session|77770000001_129.99')).toBe(true)
    expect(await exchange(as(peer, '77770000001:99@hosted.lid'), me, 'hi')).toBe('hi')
  })
})
