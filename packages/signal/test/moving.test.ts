import { describe, expect, it } from 'vitest'
import { toBaileysRecords } from '../src/index.js'
import {
  baileysParty,
  comeToUs,
  type Envelope,
  exchange,
  introduce,
  leaveForBaileys,
  ourParty,
  type Party,
  receive,
  send,
} from './parties.js'

const ME = '4915110000001@s.whatsapp.net'
const PEER = '4915110000002@s.whatsapp.net'

async function talk(a: Party, b: Party, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await exchange(a, b, `question ${turn}`)
    await exchange(b, a, `answer ${turn}`)
  }
}

async function several(from: Party, to: Party, count: number): Promise<Envelope[]> {
  const sent: Envelope[] = []
  for (let index = 0; index < count; index++) sent.push(await send(from, to, `skipped ${index}`))
  return sent
}

function sessionLength(party: Party): number {
  const [record] = [...party.store.values].filter(([key]) => key.startsWith('session|')).map(([, value]) => value)
  return (record as Uint8Array).length
}

describe('records of stock Baileys', () => {
  it('are taken over with what was skipped: within a chain, at the end of one, and many turns ago', async () => {
    const [me, peer] = [baileysParty(ME), baileysParty(PEER)]
    await introduce(me, peer)
    await talk(me, peer, 2)
    const [withinChain, , atItsEnd] = await several(peer, me, 3)
    await exchange(peer, me, 'read')
    await talk(me, peer, 12)
    const moved = await comeToUs(me)
    await talk(moved, peer, 2)
    expect(await receive(moved, peer, withinChain ?? expect.fail())).toBe('skipped 0')
    await talk(moved, peer, 2)
    expect(await receive(moved, peer, atItsEnd ?? expect.fail())).toBe('skipped 2')
  })

  it('are taken over with sessions that were closed', async () => {
    const [me, peer] = [baileysParty(ME), ourParty(PEER)]
    await introduce(me, peer)
    await talk(me, peer, 2)
    const late = await send(peer, me, 'in the closed session')
    await introduce(me, peer)
    await exchange(me, peer, 'in the new one')
    const moved = await comeToUs(me)
    expect(await receive(moved, peer, late)).toBe('in the closed session')
    await talk(moved, peer, 3)
  })

  it('are taken over before the first answer, and before the first message', async () => {
    const [me, peer] = [baileysParty(ME), baileysParty(PEER)]
    await introduce(me, peer)
    expect(await exchange(await comeToUs(me), peer, 'first')).toBe('first')
    const [answering, asking] = [baileysParty(ME), baileysParty(PEER)]
    await introduce(asking, answering)
    await exchange(asking, answering, 'hello')
    await talk(await comeToUs(answering), asking, 2)
  })

  it('stay as they are until something is written', async () => {
    const [me, peer] = [baileysParty(ME), baileysParty(PEER)]
    await introduce(me, peer)
    await talk(me, peer, 1)
    const before = me.store.snapshot()
    const moved = await comeToUs(me)
    expect(await moved.repository.validateSession(PEER)).toEqual({ exists: true })
    expect(await moved.repository.getSessionInfo(PEER)).toEqual(await me.repository.getSessionInfo(PEER))
    expect(me.store.snapshot()).toBe(before)
  })
})

describe('records of ours', () => {
  it('go back to stock with what was skipped: in a first chain, within one, at the end of one', async () => {
    const [me, peer] = [ourParty(ME), baileysParty(PEER)]
    await introduce(peer, me)
    const inFirstChain = await several(peer, me, 3)
    await exchange(peer, me, 'a pre-key message that skips three')
    await talk(me, peer, 1)
    const late = await several(peer, me, 4)
    await receive(me, peer, late[2] ?? expect.fail())
    await talk(me, peer, 1)
    const stepped = await several(peer, me, 2)
    await exchange(peer, me, 'first of a chain that was seen, but not its beginning')
    const stock = await leaveForBaileys(me)
    for (const [index, message] of inFirstChain.entries()) {
      expect(await receive(stock, peer, message)).toBe(`skipped ${index}`)
    }
    for (const index of [0, 3, 1]) {
      expect(await receive(stock, peer, late[index] ?? expect.fail())).toBe(`skipped ${index}`)
    }
    for (const [index, message] of stepped.entries()) {
      expect(await receive(stock, peer, message)).toBe(`skipped ${index}`)
    }
    await talk(stock, peer, 2)
  })

  it('go back to stock with archived sessions', async () => {
    const [me, peer] = [ourParty(ME), ourParty(PEER)]
    await introduce(me, peer)
    await talk(me, peer, 1)
    const late = await send(peer, me, 'in the archived session')
    await introduce(me, peer)
    await exchange(me, peer, 'in the new one')
    const stock = await leaveForBaileys(me)
    expect(await receive(stock, peer, late)).toBe('in the archived session')
  })

  it('leave everything else as it is, and drop the journal', () => {
    const baileysSession = { _sessions: {}, version: 'v1' }
    const records = { 'pre-key': { '1': { public: 1 } }, session: { a: baileysSession }, inbox: { '0': { id: 'x' } } }
    expect(toBaileysRecords(records)).toEqual({ ...records, inbox: { '0': null } })
  })
})

describe('late messages', () => {
  it('are read after many more turns than the core keeps chains for', async () => {
    const [me, peer] = [ourParty(ME), baileysParty(PEER)]
    await introduce(me, peer)
    await talk(me, peer, 1)
    const [skipped, , tail] = await several(peer, me, 3)
    await exchange(me, peer, 'crosses the three')
    await exchange(peer, me, 'a new chain')
    await talk(me, peer, 30)
    expect(await receive(me, peer, tail ?? expect.fail())).toBe('skipped 2')
    expect(await receive(me, peer, skipped ?? expect.fail())).toBe('skipped 0')
  })

  it('take no room once they are read, and a bounded one if they never come', async () => {
    const [me, peer] = [ourParty(ME), ourParty(PEER)]
    await introduce(me, peer)
    await talk(me, peer, 10)
    const before = sessionLength(me)
    for (let round = 0; round < 20; round++) {
      await send(peer, me, 'never arrives')
      await exchange(peer, me, 'arrives')
      await exchange(me, peer, 'answer')
    }
    expect(sessionLength(me)).toBeLessThan(2600)
    const late = await several(peer, me, 5)
    await exchange(peer, me, 'skips five')
    for (const message of late) await receive(me, peer, message)
    await talk(me, peer, 20)
    expect(sessionLength(me) - before).toBeLessThan(1300)
  })
})
