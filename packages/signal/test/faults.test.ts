import { describe, expect, it } from 'vitest'
import { ciphertextId } from '../src/index.js'
import { baileysParty, exchange, introduce, ourParty, receive, relay, send, TestStore, WireTap } from './parties.js'

const ME = '4915110000001@s.whatsapp.net'
const PEER = '4915110000002@s.whatsapp.net'
const GROUP = '120363000000000001@g.us'

function failing(): never {
  throw new Error('the store is down')
}

async function acquainted() {
  const [me, peer] = [ourParty(ME), baileysParty(PEER)]
  await introduce(me, peer)
  await exchange(me, peer, 'hello')
  await exchange(peer, me, 'hi')
  return { me, peer }
}

describe('a commit that fails', () => {
  it('lets no ciphertext out and no key be used twice', async () => {
    const { me, peer } = await acquainted()
    const before = me.store.snapshot()
    me.store.beforeSet = failing
    await expect(send(me, peer, 'lost')).rejects.toThrow('the store is down')
    expect(me.store.snapshot()).toBe(before)
    me.store.beforeSet = undefined
    expect(await exchange(me, peer, 'sent')).toBe('sent')
  })

  it('gives no plaintext, and the same message is read afterwards', async () => {
    const { me, peer } = await acquainted()
    const message = await send(peer, me, 'later')
    const before = me.store.snapshot()
    me.store.beforeSet = failing
    await expect(receive(me, peer, message)).rejects.toThrow('the store is down')
    expect(me.store.snapshot()).toBe(before)
    me.store.beforeSet = undefined
    expect(await receive(me, peer, message)).toBe('later')
  })

  it('keeps the one-time pre-key of a first message', async () => {
    const [me, peer] = [ourParty(ME), baileysParty(PEER)]
    await introduce(peer, me)
    const message = await send(peer, me, 'first')
    const before = me.store.snapshot()
    me.store.beforeSet = failing
    await expect(receive(me, peer, message)).rejects.toThrow('the store is down')
    expect(me.store.snapshot()).toBe(before)
    me.store.beforeSet = undefined
    expect(await receive(me, peer, message)).toBe('first')
  })

  it('changes nothing for a bundle, a group message, a sender key, a mapping, a migration or a deletion', async () => {
    const { me, peer } = await acquainted()
    const author = baileysParty(PEER)
    const group = await author.repository.encryptGroupMessage({ group: GROUP, meId: PEER, data: Buffer.from('x') })
    await me.store.set({ 'device-list': { '4915110000002': ['0'] } })
    const before = me.store.snapshot()
    me.store.beforeSet = failing
    const { repository } = me
    const attempts: Array<() => Promise<unknown>> = [
      () => introduce(me, peer),
      () => repository.encryptGroupMessage({ group: GROUP, meId: ME, data: Buffer.from('x') }),
      () =>
        repository.processSenderKeyDistributionMessage({
          authorJid: PEER,
          item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: group.senderKeyDistributionMessage },
        }),
      () => repository.lidMapping.storeLIDPNMappings([{ pn: PEER, lid: '777@lid' }]),
      () => repository.migrateSession(PEER, '777@lid'),
      () => repository.deleteSession([PEER]),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow('the store is down')
    expect(me.store.snapshot()).toBe(before)
  })
})

describe('a commit that fails although it was stored', () => {
  it('loses no message, first or later: it is read when it comes again', async () => {
    const [me, peer] = [ourParty(ME), baileysParty(PEER)]
    await introduce(peer, me)
    for (const text of ['first', 'second']) {
      const message = await send(peer, me, text)
      me.store.afterSet = failing
      await expect(receive(me, peer, message)).rejects.toThrow('the store is down')
      me.store.afterSet = undefined
      expect(await receive(me, peer, message)).toBe(text)
    }
    expect(await exchange(me, peer, 'answer')).toBe('answer')
    expect(await exchange(peer, me, 'and on')).toBe('and on')
  })

  it('loses no group message', async () => {
    const [me, author] = [ourParty(ME), baileysParty(PEER)]
    const sent = await author.repository.encryptGroupMessage({ group: GROUP, meId: PEER, data: Buffer.from('x') })
    await me.repository.processSenderKeyDistributionMessage({
      authorJid: PEER,
      item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: sent.senderKeyDistributionMessage },
    })
    const read = () => me.repository.decryptGroupMessage({ group: GROUP, authorJid: PEER, msg: sent.ciphertext })
    me.store.afterSet = failing
    await expect(read()).rejects.toThrow('the store is down')
    me.store.afterSet = undefined
    expect(Buffer.from(await read()).toString()).toBe('x')
  })

  it('uses no key twice', async () => {
    const { me, peer } = await acquainted()
    const wire = new WireTap()
    for (let round = 0; round < 5; round++) {
      me.store.afterSet = failing
      await expect(send(me, peer, 'not sent')).rejects.toThrow('the store is down')
      me.store.afterSet = undefined
      const message = await send(me, peer, 'sent')
      wire.oneToOne(message)
      expect(await receive(peer, me, message)).toBe('sent')
    }
  })
})

describe('a plaintext that was handed out', () => {
  it('belongs to the caller: changing it does not change what a redelivery gives', async () => {
    const { me, peer } = await acquainted()
    const message = await send(peer, me, 'hello')
    const set = me.store.set.bind(me.store)
    // A store that keeps the very objects it is given.
    me.store.set = async (changes) => {
      await set(changes)
      for (const [id, value] of Object.entries(changes.inbox ?? {})) me.store.values.set(`inbox|${id}`, value)
    }
    const plaintext = await me.repository.decryptMessage({ jid: PEER, ...message })
    plaintext.fill(0)
    expect(await receive(me, peer, message)).toBe('hello')
  })
})

describe('accounts', () => {
  it('do not wait for each other: one finishes 100 operations while a commit of the other is held open', async () => {
    const [a, b] = [ourParty(ME), ourParty('4915110000003@s.whatsapp.net')]
    const [peerOfA, peerOfB] = [ourParty(PEER), ourParty(PEER)]
    await introduce(a, peerOfA)
    await introduce(b, peerOfB)
    let release: () => void = () => {}
    a.store.beforeSet = () =>
      new Promise((resolve) => {
        release = resolve
      })
    const held = send(a, peerOfA, 'held')
    for (let round = 0; round < 50; round++) {
      await exchange(b, peerOfB, `question ${round}`)
      await exchange(peerOfB, b, `answer ${round}`)
    }
    release()
    expect(await receive(peerOfA, a, await held)).toBe('held')
  })

  it('serve their contacts at once: only operations with the same device wait for each other', async () => {
    const me = ourParty(ME)
    const [slow, fast] = [ourParty(PEER), ourParty('4915110000003@s.whatsapp.net')]
    await introduce(me, slow)
    await introduce(me, fast)
    let release: () => void = () => {}
    me.store.beforeSet = (changes) =>
      changes.session?.['4915110000002.0']
        ? new Promise((resolve) => {
            release = resolve
          })
        : undefined
    const held = send(me, slow, 'held')
    for (let round = 0; round < 5; round++) await exchange(me, fast, `message ${round}`)
    release()
    await held
  })
})

describe('overlapping operations', () => {
  it.each([0, 1, 3])('use every message key once, at a store latency of %i ms', async (latencyMs) => {
    const { me, peer } = await acquainted()
    me.store.latencyMs = latencyMs
    const outgoing = []
    for (let round = 0; round < 15; round++) {
      const inbound = await send(peer, me, `in ${round}`)
      const [text, first, second] = await Promise.all([
        receive(me, peer, inbound),
        relay(me, peer, `out ${round} a`),
        relay(me, peer, `out ${round} b`),
      ])
      expect(text).toBe(`in ${round}`)
      outgoing.push(first, second)
    }
    const read = []
    for (const message of outgoing) read.push(await receive(peer, me, message))
    expect(read).toHaveLength(30)
    expect(new Set(read).size).toBe(30)
  })

  it('of a migration and messages under both addresses lose nothing', async () => {
    const me = ourParty(ME)
    const peer = baileysParty('4915110000002:1@s.whatsapp.net')
    const byLid = { ...peer, jid: '777:1@lid' }
    await introduce(me, peer)
    await exchange(me, peer, 'hello')
    await exchange(peer, me, 'hi')
    me.store.latencyMs = 1
    await me.store.set({ 'device-list': { '4915110000002': ['0', '1'] } })
    const inbound = []
    for (let index = 0; index < 8; index++) inbound.push(await send(peer, me, `in ${index}`))
    const [, , ...texts] = await Promise.all([
      me.repository.lidMapping.storeLIDPNMappings([{ pn: '4915110000002@s.whatsapp.net', lid: '777@lid' }]),
      me.repository.migrateSession('4915110000002@s.whatsapp.net', '777@lid'),
      ...inbound.map((message, index) => receive(me, index % 2 ? byLid : peer, message)),
    ])
    expect(texts).toEqual(inbound.map((_, index) => `in ${index}`))
    expect(await exchange(me, byLid, 'after')).toBe('after')
    expect(await exchange(peer, me, 'and back')).toBe('and back')
  })
})

describe('a crash after the commit and before the event', () => {
  it('loses neither a first message nor a later one: the same ciphertext gives the same plaintext', async () => {
    const store = new TestStore()
    const peer = baileysParty(PEER)
    const before = ourParty(ME, { store })
    await introduce(peer, before)
    const first = await send(peer, before, 'first')
    await receive(before, peer, first)
    const again = ourParty(ME, { store, creds: before.creds })
    expect(await receive(again, peer, first)).toBe('first')
    const second = await send(peer, again, 'second')
    await receive(again, peer, second)
    const once = ourParty(ME, { store, creds: before.creds })
    expect(await receive(once, peer, second)).toBe('second')
    expect(await receive(once, peer, first)).toBe('first')
    expect(await exchange(once, peer, 'and on')).toBe('and on')
  })

  it('loses no group message', async () => {
    const store = new TestStore()
    const author = baileysParty(PEER)
    const before = ourParty(ME, { store })
    const { ciphertext, senderKeyDistributionMessage } = await author.repository.encryptGroupMessage({
      group: GROUP,
      meId: PEER,
      data: Buffer.from('to all'),
    })
    await before.repository.processSenderKeyDistributionMessage({
      authorJid: PEER,
      item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage },
    })
    const message = { group: GROUP, authorJid: PEER, msg: Buffer.from(ciphertext) }
    await before.repository.decryptGroupMessage(message)
    const after = ourParty(ME, { store, creds: before.creds })
    expect(Buffer.from(await after.repository.decryptGroupMessage(message)).toString()).toBe('to all')
  })

  it('leaves the message in the journal, with the attributes of its stanza, until it is settled', async () => {
    const store = new TestStore()
    const peer = baileysParty(PEER)
    const before = ourParty(ME, { store })
    await introduce(peer, before)
    const message = await send(peer, before, 'hello')
    before.factory?.journal?.expect(ciphertextId(message.ciphertext), { id: '3EB0', from: PEER })
    await receive(before, peer, message)
    const after = ourParty(ME, { store, creds: before.creds })
    const journal = after.factory?.journal ?? expect.fail()
    const entries = await journal.list()
    expect(entries).toMatchObject([{ type: message.type, sender: PEER, attributes: { id: '3EB0', from: PEER } }])
    expect(Buffer.from(entries[0]?.plaintext ?? []).toString()).toBe('hello')
    journal.settle(entries.map((entry) => entry.id))
    await send(after, peer, 'the next commit takes the entry with it')
    expect([...store.values.keys()].filter((key) => key.startsWith('inbox|'))).toEqual([])
    await expect(receive(after, peer, message)).rejects.toThrow('Key used already or never filled')
  })

  it('answers nobody else who sends the same ciphertext', async () => {
    const { me, peer } = await acquainted()
    const message = await send(peer, me, 'private')
    await receive(me, peer, message)
    await expect(receive(me, { ...peer, jid: '4915110000666@s.whatsapp.net' }, message)).rejects.toThrow()
  })
})
