import { generateSignalPubKey } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { allBytes, ProtobufWriter, readFields } from '../src/protobuf.js'
import {
  baileysParty,
  bundleOf,
  type Envelope,
  exchange,
  introduce,
  ourParty,
  type Party,
  receive,
  send,
} from './parties.js'

/** Whatever fails is run again with the same bytes. */
const SEEDS = [1, 20_261_124, 0x5eed]
const ROUNDS = 150

const ME = '4915110000001@s.whatsapp.net'
const PEER = '4915110000002@s.whatsapp.net'
const GROUP = '120363000000000001@g.us'
const SESSION = 'session|4915110000002.0'
const SENDER_KEY = `sender-key|${GROUP}::4915110000002::0`

type Random = (below: number) => number

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)))
}

/** Never the same bytes as before. */
function damaged(random: Random, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes)
  switch (random(5)) {
    case 0:
      return copy.subarray(0, random(copy.length))
    case 1:
      return randomBytes(random, random(200))
    case 2:
      return Buffer.concat([copy.subarray(0, 1), randomBytes(random, copy.length)])
    case 3:
      for (let flips = 0; flips < 4; flips++) flipBit(random, copy)
      return copy.equals(bytes) ? copy.subarray(1) : copy
    default:
      flipBit(random, copy)
      return copy
  }
}

function flipBit(random: Random, bytes: Buffer): void {
  const index = random(bytes.length)
  bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << random(8)), index)
}

async function acquainted(): Promise<{ me: Party; peer: Party }> {
  const [me, peer] = [ourParty(ME), baileysParty(PEER)]
  await introduce(me, peer)
  await exchange(me, peer, 'hello')
  await exchange(peer, me, 'hi')
  return { me, peer }
}

/** What a trap of the WASM core looks like from here; anything else is an error that somebody meant. */
function isTrap(error: unknown): boolean {
  const causes = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause)
  return causes.some(
    (cause) =>
      cause.name === 'RuntimeError' ||
      /unreachable|recursive use|null pointer passed|out of bounds/.test(cause.message),
  )
}

async function outcome(attempt: () => Promise<unknown>): Promise<'accepted' | 'refused'> {
  try {
    await attempt()
    return 'accepted'
  } catch (error) {
    if (isTrap(error)) throw error
    expect(error).toBeInstanceOf(Error)
    return 'refused'
  }
}

async function refuses(party: Party, attempt: () => Promise<unknown>, what: string): Promise<void> {
  const before = party.store.snapshot()
  const writes = party.store.sets.length
  expect(await outcome(attempt), what).toBe('refused')
  expect(party.store.sets.length, what).toBe(writes)
  expect(party.store.snapshot(), what).toBe(before)
}

/** The same account after a start: nothing cached, the store as given. */
function copyOf(party: Party, values: ReadonlyMap<string, unknown>): Party {
  const copy = ourParty(party.jid, { creds: party.creds })
  for (const [name, value] of values) copy.store.values.set(name, structuredClone(value))
  return copy
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

async function sharedGroup(me: Party, author: Party): Promise<{ distribution: Uint8Array; ciphertext: Uint8Array }> {
  const sent = await author.repository.encryptGroupMessage({ group: GROUP, meId: PEER, data: Buffer.from('first') })
  await me.repository.processSenderKeyDistributionMessage({
    authorJid: PEER,
    item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: sent.senderKeyDistributionMessage },
  })
  return { distribution: sent.senderKeyDistributionMessage, ciphertext: sent.ciphertext }
}

function readGroup(me: Party, msg: Uint8Array): Promise<Uint8Array> {
  return me.repository.decryptGroupMessage({ group: GROUP, authorJid: PEER, msg: Buffer.from(msg) })
}

describe.each(SEEDS)('damaged input of seed %i is refused, changes nothing and breaks nothing:', (seed) => {
  it('a message of a session', async () => {
    const random = randomOf(seed)
    const { me, peer } = await acquainted()
    const message = await send(peer, me, 'the real one')
    for (let round = 0; round < ROUNDS; round++) {
      const forged = damaged(random, message.ciphertext)
      const type = random(4) === 0 ? 'pkmsg' : message.type
      await refuses(me, () => receive(me, peer, { type, ciphertext: forged }), `${type} ${hex(forged)}`)
    }
    expect(await receive(me, peer, message)).toBe('the real one')
    expect(await exchange(me, peer, 'still here')).toBe('still here')
  })

  it('a first message', async () => {
    const random = randomOf(seed)
    const [me, peer] = [ourParty(ME), baileysParty(PEER)]
    await introduce(peer, me)
    const message = await send(peer, me, 'the real one')
    for (let round = 0; round < ROUNDS; round++) {
      const forged = damaged(random, message.ciphertext)
      const before = me.store.snapshot()
      // The registration id and the id of the signed pre-key are not covered by the MAC: those few are read, whole.
      const envelope: Envelope = { type: 'pkmsg', ciphertext: forged }
      const text = await receive(me, peer, envelope).catch((error: unknown) => {
        if (isTrap(error)) throw error
        return undefined
      })
      if (text === undefined) {
        expect(me.store.snapshot(), hex(forged)).toBe(before)
        continue
      }
      expect(text, hex(forged)).toBe('the real one')
      return
    }
    expect(await receive(me, peer, message)).toBe('the real one')
    expect(await exchange(me, peer, 'still here')).toBe('still here')
  })

  it('a group message', async () => {
    const random = randomOf(seed)
    const [me, author] = [ourParty(ME), baileysParty(PEER)]
    const { ciphertext } = await sharedGroup(me, author)
    for (let round = 0; round < ROUNDS; round++) {
      const forged = damaged(random, ciphertext)
      await refuses(me, () => readGroup(me, forged), hex(forged))
    }
    expect(Buffer.from(await readGroup(me, ciphertext)).toString()).toBe('first')
  })

  it('a sender key distribution', async () => {
    const random = randomOf(seed)
    const [me, author] = [ourParty(ME), baileysParty(PEER)]
    const { distribution, ciphertext } = await sharedGroup(me, author)
    const whole = new Map(me.store.values)
    for (let round = 0; round < ROUNDS; round++) {
      const forged = damaged(random, distribution)
      const member = copyOf(me, whole)
      const before = member.store.snapshot()
      // It carries no signature (the 1:1 message around it has the MAC): another key or chain is a valid one to take over.
      const accepted = await outcome(() =>
        member.repository.processSenderKeyDistributionMessage({
          authorJid: PEER,
          item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: forged },
        }),
      )
      if (accepted === 'refused') expect(member.store.snapshot(), hex(forged)).toBe(before)
    }
    expect(Buffer.from(await readGroup(me, ciphertext)).toString()).toBe('first')
  })

  it('a key bundle', async () => {
    const random = randomOf(seed)
    const { me, peer } = await acquainted()
    const bundle = await bundleOf(peer)
    const other = randomBytes(random, 33)
    const parts = [
      () => ({ ...bundle, identityKey: damaged(random, bundle.identityKey) }),
      () => ({ ...bundle, identityKey: other }),
      () => ({
        ...bundle,
        signedPreKey: { ...bundle.signedPreKey, publicKey: damaged(random, bundle.signedPreKey.publicKey) },
      }),
      () => ({
        ...bundle,
        signedPreKey: { ...bundle.signedPreKey, signature: damaged(random, bundle.signedPreKey.signature) },
      }),
      () => ({ ...bundle, signedPreKey: { ...bundle.signedPreKey, keyId: -1 } }),
      () => ({ ...bundle, preKey: { keyId: 2 ** 40, publicKey: randomBytes(random, 33) } }),
      () => ({ ...bundle, registrationId: Number.NaN }),
      () => ({ ...bundle, signedPreKey: undefined }),
      () => undefined,
    ]
    for (let round = 0; round < ROUNDS; round++) {
      const part = parts[round % parts.length] ?? expect.fail()
      const session = part() as unknown as typeof bundle
      await refuses(me, () => me.repository.injectE2ESession({ jid: PEER, session }), JSON.stringify(session))
    }
    expect(await exchange(peer, me, 'still here')).toBe('still here')
    await introduce(me, peer)
    expect(await exchange(me, peer, 'renewed')).toBe('renewed')
  })

  it.each([SESSION, SENDER_KEY])('a stored record, %s', async (key) => {
    const random = randomOf(seed)
    const { me, peer } = await acquainted()
    const { ciphertext } = await sharedGroup(me, peer)
    const message = await send(peer, me, 'the real one')
    const record = me.store.values.get(key)
    if (!(record instanceof Uint8Array)) return expect.fail(`no record ${key}`)
    const good = Buffer.from(record)
    const whole = new Map(me.store.values)
    for (let round = 0; round < ROUNDS; round++) {
      const fresh = copyOf(me, whole)
      const bad = damaged(random, good)
      fresh.store.values.set(key, bad)
      const attempts: Array<() => Promise<unknown>> = [
        () => receive(fresh, peer, message),
        () => readGroup(fresh, ciphertext),
        () => send(fresh, peer, 'out'),
        () => fresh.repository.getSessionInfo(PEER),
        () => fresh.repository.validateSession(PEER),
      ]
      for (const attempt of attempts) {
        const before = fresh.store.snapshot()
        // A damaged byte may be one that this operation does not need.
        if ((await outcome(attempt)) === 'refused') expect(fresh.store.snapshot(), hex(bad)).toBe(before)
      }
    }
    expect(await receive(me, peer, message)).toBe('the real one')
    expect(Buffer.from(await readGroup(me, ciphertext)).toString()).toBe('first')
  })
})

describe('forged input that the core does not survive by itself', () => {
  it('is refused: a first message that claims our own identity and a counter of four billion', async () => {
    const [me, attacker] = [ourParty(ME), ourParty(PEER)]
    await introduce(attacker, me)
    const { ciphertext } = await send(attacker, me, 'x')
    const forged = forgedFirstMessage(ciphertext, me, 0xffff_ffff)
    const started = Date.now()
    await refuses(me, () => receive(me, attacker, { type: 'pkmsg', ciphertext: forged }), hex(forged))
    expect(Date.now() - started).toBeLessThan(2000)
  })

  it('is refused: a message that jumps further ahead than the core allows', async () => {
    const [me, attacker] = [ourParty(ME), ourParty(PEER)]
    await introduce(attacker, me)
    const { ciphertext } = await send(attacker, me, 'x')
    const forged = forgedFirstMessage(ciphertext, undefined, 25_001)
    await refuses(me, () => receive(me, attacker, { type: 'pkmsg', ciphertext: forged }), hex(forged))
  })

  it('is refused: a sender key with a skipped key whose seed is too short', async () => {
    const { me, peer } = await acquainted()
    const { ciphertext } = await sharedGroup(me, peer)
    const record = me.store.values.get(SENDER_KEY) as Uint8Array
    const [state] = allBytes(readFields(record), 1)
    const short = new ProtobufWriter().varint(1, 0).bytes(2, new Uint8Array(31)).finish()
    const bad = new ProtobufWriter().bytes(1, new ProtobufWriter().bytes(4, short).finish()).finish()
    const stateWithBadKey = Buffer.concat([state ?? expect.fail(), bad.subarray(2)])
    const broken = ourParty(ME, { creds: me.creds })
    broken.store.values.set(SENDER_KEY, new ProtobufWriter().bytes(1, stateWithBadKey).finish())
    await refuses(broken, () => readGroup(broken, ciphertext), 'short seed')
    expect(Buffer.from(await readGroup(me, ciphertext)).toString()).toBe('first')
  })

  it.each([
    ['no sessions', {}],
    ['a session without its parts', { _sessions: { a: {} }, version: 'v1' }],
    ['chains that are none', { _sessions: { a: { currentRatchet: {}, indexInfo: {}, _chains: 5 } }, version: 'v1' }],
    ['a number', 42],
    ['text', 'session'],
  ])('is refused: a stored session that is %s', async (_what, value) => {
    const { me, peer } = await acquainted()
    const message = await send(peer, me, 'the real one')
    const broken = ourParty(ME, { creds: me.creds })
    broken.store.values.set(SESSION, value)
    await refuses(broken, () => receive(broken, peer, message), 'decrypt')
    await refuses(broken, () => send(broken, peer, 'out'), 'encrypt')
    expect((await broken.repository.validateSession(PEER)).exists).toBe(false)
    expect(await receive(me, peer, message)).toBe('the real one')
  })
})

/** The same first message with another counter and, if given, with our own identity key in the place of the sender's. */
function forgedFirstMessage(ciphertext: Uint8Array, claimed: Party | undefined, counter: number): Buffer {
  const outer = new ProtobufWriter()
  for (const { number, varint, bytes } of readFields(ciphertext.subarray(1))) {
    if (number === 3 && claimed) outer.bytes(3, generateSignalPubKey(claimed.creds.signedIdentityKey.public))
    else if (number === 4 && bytes) outer.bytes(4, withCounter(bytes, counter))
    else outer.varint(number, varint).bytes(number, bytes)
  }
  return Buffer.concat([ciphertext.subarray(0, 1), outer.finish()])
}

function withCounter(message: Uint8Array, counter: number): Uint8Array {
  const writer = new ProtobufWriter()
  for (const { number, varint, bytes } of readFields(message.subarray(1, -8))) {
    writer.varint(number, number === 2 ? counter : varint).bytes(number, bytes)
  }
  return Buffer.concat([message.subarray(0, 1), writer.finish(), message.subarray(-8)])
}
