import { describe, expect, it } from 'vitest'
import { baileysParty, bundleOf, exchange, introduce, ourParty, receive, send } from './parties.js'

const ALICE = '4915110000001@s.whatsapp.net'
const BOB = '4915110000002:3@s.whatsapp.net'

const pairings = [
  ['ours', 'stock', ourParty, baileysParty],
  ['stock', 'ours', baileysParty, ourParty],
  ['ours', 'ours', ourParty, ourParty],
] as const

describe.each(pairings)('%s to %s', (_from, _to, makeAlice, makeBob) => {
  it('makes first contact, answers and keeps talking', async () => {
    const [alice, bob] = [makeAlice(ALICE), makeBob(BOB)]
    await introduce(alice, bob)
    expect(await exchange(alice, bob, 'first')).toBe('first')
    expect(await exchange(alice, bob, 'still a pre-key message')).toBe('still a pre-key message')
    for (let turn = 0; turn < 8; turn++) {
      expect(await exchange(bob, alice, `answer ${turn}`)).toBe(`answer ${turn}`)
      expect(await exchange(alice, bob, `question ${turn}`)).toBe(`question ${turn}`)
    }
  })

  it('makes first contact without a one-time pre-key', async () => {
    const [alice, bob] = [makeAlice(ALICE), makeBob(BOB)]
    await introduce(alice, bob, { oneTime: false })
    expect(await exchange(alice, bob, 'hello')).toBe('hello')
    expect(await exchange(bob, alice, 'hi')).toBe('hi')
  })

  it('reads messages out of order', async () => {
    const [alice, bob] = [makeAlice(ALICE), makeBob(BOB)]
    await introduce(alice, bob)
    const sent = []
    for (let index = 0; index < 6; index++) sent.push(await send(alice, bob, `message ${index}`))
    for (const index of [3, 0, 5, 1, 4, 2]) {
      expect(await receive(bob, alice, sent[index] ?? expect.fail())).toBe(`message ${index}`)
    }
  })
})

// Stock with stock fails both: it tries a message on one session after the other and keeps the traces of the failed tries
// (SessionCipher.decryptWithSessions of libsignal-node), which ruins the session in use.
describe('several sessions with one device', () => {
  it('reads both first messages when both sides begin at once, and goes on', async () => {
    const [alice, bob] = [ourParty(ALICE), ourParty(BOB)]
    await introduce(alice, bob)
    await introduce(bob, alice)
    const fromAlice = await send(alice, bob, 'a1')
    const fromBob = await send(bob, alice, 'b1')
    expect(await receive(bob, alice, fromAlice)).toBe('a1')
    expect(await receive(alice, bob, fromBob)).toBe('b1')
    for (let turn = 0; turn < 6; turn++) {
      const [a, b] = [await send(alice, bob, `a ${turn}`), await send(bob, alice, `b ${turn}`)]
      expect(await receive(alice, bob, b)).toBe(`b ${turn}`)
      expect(await receive(bob, alice, a)).toBe(`a ${turn}`)
    }
  })

  it.each([
    ['stock', baileysParty],
    ['ours', ourParty],
  ])('renews a session with %s and still reads what was sent before', async (_name, makeBob) => {
    const [alice, bob] = [ourParty(ALICE), makeBob(BOB)]
    await introduce(alice, bob)
    await exchange(alice, bob, 'x')
    await exchange(bob, alice, 'y')
    const late = await send(bob, alice, 'late')
    await introduce(alice, bob)
    expect(await exchange(alice, bob, 'new session')).toBe('new session')
    expect(await receive(alice, bob, late)).toBe('late')
    expect(await exchange(bob, alice, 'in the new one')).toBe('in the new one')
    expect(await exchange(alice, bob, 'and back')).toBe('and back')
  })
})

describe('a repository of ours', () => {
  it('uses up the one-time pre-key and remembers the identity, in the commit of the first message', async () => {
    const [alice, bob] = [baileysParty(ALICE), ourParty(BOB)]
    const bundle = await bundleOf(bob)
    const preKeyId = 'preKey' in bundle ? String(bundle.preKey.keyId) : expect.fail()
    await alice.repository.injectE2ESession({ jid: bob.jid, session: bundle })
    const message = await send(alice, bob, 'hello')
    bob.store.sets = []
    await receive(bob, alice, message)
    expect(bob.store.sets).toHaveLength(1)
    expect(Object.keys(bob.store.sets[0] ?? {}).sort()).toEqual(['identity-key', 'inbox', 'pre-key', 'session'])
    expect(bob.store.values.has(`pre-key|${preKeyId}`)).toBe(false)
  })

  it('says whether there is a session, and describes it like stock', async () => {
    const [alice, stock, bob] = [ourParty(ALICE), baileysParty(ALICE), ourParty(BOB)]
    expect(await alice.repository.validateSession(BOB)).toEqual({ exists: false, reason: 'no session' })
    expect(await alice.repository.getSessionInfo(BOB)).toBeNull()
    await introduce(alice, bob)
    await introduce(stock, bob)
    expect(await alice.repository.validateSession(BOB)).toEqual({ exists: true })
    const info = await alice.repository.getSessionInfo(BOB)
    const baileysInfo = await stock.repository.getSessionInfo(BOB)
    expect(info?.registrationId).toBe(baileysInfo?.registrationId)
    expect(info?.baseKey).toHaveLength(33)
  })

  it('fails with the texts that Baileys acts upon', async () => {
    const [alice, bob] = [baileysParty(ALICE), ourParty(BOB, { inbox: false })]
    await introduce(alice, bob)
    const message = await send(alice, bob, 'once')
    await expect(receive(bob, alice, { ...message, type: 'msg' })).rejects.toMatchObject({
      code: 'SIGNAL_INVALID_MESSAGE',
    })
    await receive(bob, alice, message)
    await expect(receive(bob, alice, message)).rejects.toThrow(/^Key used already or never filled$/)
    const stranger = ourParty('4915110000009@s.whatsapp.net')
    await expect(send(stranger, bob, 'x')).rejects.toThrow(/^No session record$/)
  })

  it('works with the plain store given to both, as in the one-line use', async () => {
    const [alice, bob] = [ourParty(ALICE, { plainKeys: true }), ourParty(BOB, { plainKeys: true })]
    await introduce(alice, bob)
    expect(await exchange(alice, bob, 'a')).toBe('a')
    await alice.keys.set({ session: { [alice.repository.jidToSignalProtocolAddress(BOB)]: null } })
    expect(await alice.repository.validateSession(BOB)).toEqual({ exists: false, reason: 'no session' })
  })
})
