import { beforeEach, describe, expect, it } from 'vitest'
import { bridge } from './baileys-internals.js'
import { CoreStorage } from './core-storage.js'
import { SignalError, translatedCoreError } from './errors.js'
import { isTurning, openMessage, type TurningState } from './ratchet.js'
import { beginSession, decryptPreKeyMessage, encryptMessage, type LocalIdentity } from './session-cipher.js'
import type { SessionRecord } from './session-record.js'
import { readSessionState, type SessionState, writeSessionState } from './session-state.js'
import { readWhisperMessage } from './signal-messages.js'
import { X25519 } from './x25519.js'

const address = new bridge.ProtocolAddress('peer', 0)
const text = (value: string) => Uint8Array.from(Buffer.from(value))

/** What the core makes of the same state. */
const core = {
  async seal(state: SessionState, plaintext: Uint8Array) {
    const storage = new CoreStorage({ session: recordOf(state), local: ALICE })
    const { body } = await new bridge.SessionCipher(storage, address).encrypt(plaintext)
    return { state: storedIn(storage), ciphertext: body }
  },
  async open(state: SessionState, ciphertext: Uint8Array) {
    const storage = new CoreStorage({ session: recordOf(state), local: ALICE })
    const plaintext = await new bridge.SessionCipher(storage, address).decryptWhisperMessage(ciphertext)
    return { state: storedIn(storage), plaintext }
  },
}

const curve = new X25519()
const ALICE = identity(1)
const BOB = identity(2)

function identity(registrationId: number): LocalIdentity {
  const [pair, signed] = [bridge.generateKeyPair(), bridge.generateKeyPair()]
  const signature = bridge.calculateSignature(pair.privKey, signed.pubKey)
  return { identity: pair, registrationId, signedPreKey: { ...signed, keyId: 1, signature } }
}

function recordOf(state: SessionState): SessionRecord {
  return { current: writeSessionState(state), previous: [], seeds: [] }
}

function storedIn(storage: CoreStorage): SessionState {
  return readSessionState(storage.session.current ?? expect.fail('the core has stored a state'))
}

function turning(state: SessionState): TurningState {
  return isTurning(state) ? state : expect.fail('a state that turns')
}

function open(state: SessionState, ciphertext: Uint8Array) {
  const opened = openMessage(turning(state), readWhisperMessage(ciphertext), ciphertext, curve)
  return { ...opened, state: readSessionState(writeSessionState(opened.state)) }
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return SignalError.is(error) ? error.code : expect.fail(String(error))
  }
  return expect.fail('it was refused')
}

describe('the ratchet', () => {
  /** Both sides of a session in which Alice has written first, and Bob has answered. */
  let alice: SessionState
  let bob: SessionState

  beforeEach(async () => {
    const { identity: key, registrationId, signedPreKey } = BOB
    const begun = await beginSession(undefined, ALICE, {
      registrationId,
      identityKey: key.pubKey,
      signedPreKey: { keyId: 1, publicKey: signedPreKey.pubKey, signature: signedPreKey.signature },
    })
    const first = await encryptMessage(begun, ALICE, text('first'))
    const { record } = await decryptPreKeyMessage(undefined, BOB, first.ciphertext, undefined)
    bob = readSessionState(record.current ?? expect.fail())
    const answer = await core.seal(bob, text('answer'))
    bob = answer.state
    alice = readSessionState(first.record.current ?? expect.fail())
    alice = (await core.open(alice, answer.ciphertext)).state
  })

  /** Messages that Bob has written one after the other. */
  async function bobWrites(count: number): Promise<Uint8Array[]> {
    const written: Uint8Array[] = []
    for (let index = 0; index < count; index += 1) {
      const sealed = await core.seal(bob, text(`message ${index}`))
      bob = sealed.state
      written.push(sealed.ciphertext)
    }
    return written
  }

  it.each<[string, number[]]>([
    ['in order', [0, 1, 2]],
    ['with some that come later', [2, 0, 1]],
    ['with some that are missing', [5, 9]],
    ['with one that fills a hole beside another', [7, 3, 4, 6, 8]],
    ['with as many missing as are kept', [2_000, 0, 1_999]],
  ])('opens what the core opens, and leaves the same state: %s', async (_order, order) => {
    const messages = await bobWrites(Math.max(...order) + 1)
    let [here, there] = [alice, alice]
    for (const index of order) {
      const message = messages[index] ?? expect.fail()
      const opened = open(here, message)
      const expected = await core.open(there, message)
      expect(Buffer.from(opened.plaintext).toString()).toBe(`message ${index}`)
      expect(opened.state).toEqual(expected.state)
      ;[here, there] = [opened.state, expected.state]
    }
  })

  it('keeps the newest 2,000 keys of a chain; the core lets some more stand for a while', async () => {
    const messages = await bobWrites(2_011)
    let [here, there] = [alice, alice]
    for (const message of [messages[1_500], messages[2_010]]) {
      here = open(here, message ?? expect.fail()).state
      there = (await core.open(there, message ?? expect.fail())).state
    }
    const [ours, theirs] = [here, there].map(({ receiverChains }) => receiverChains.at(-1)?.messageKeys ?? [])
    expect(ours).toHaveLength(2_000)
    expect(ours).toEqual(theirs?.slice(-2_000))
  })

  it('steps like the core: both go on with what the other one made', async () => {
    for (let turn = 0; turn < 14; turn += 1) {
      const [fromAlice, fromBob] = [text(`alice ${turn}`), text(`bob ${turn}`)]
      const asked = await core.seal(alice, fromAlice)
      alice = asked.state
      const heard = turn % 3 === 0 ? await core.open(bob, asked.ciphertext) : open(bob, asked.ciphertext)
      expect(Buffer.from(heard.plaintext)).toEqual(Buffer.from(fromAlice))
      const answered = await core.seal(heard.state, fromBob)
      bob = answered.state

      const here = open(alice, answered.ciphertext)
      const there = await core.open(alice, answered.ciphertext)
      expect(Buffer.from(here.plaintext)).toEqual(Buffer.from(fromBob))
      // The key that each makes for its next step is its own.
      const { senderChain: ours, rootKey: _ourRoot, ...same } = here.state
      const { senderChain: theirs, rootKey: _theirRoot, ...expected } = there.state
      expect(same).toEqual(expected)
      expect([ours?.index, ours?.messageKeys]).toEqual([theirs?.index, theirs?.messageKeys])
      alice = turn % 2 === 0 ? here.state : there.state
    }
    expect(alice.receiverChains).toHaveLength(5)
  })

  describe('refuses what the core refuses, and for the same reason:', () => {
    const refusedByCore = async (ciphertext: Uint8Array) =>
      core.open(alice, ciphertext).then(
        () => 'opened',
        (error: unknown) => translatedCoreError(error).code,
      )

    it('a message that was read already', async () => {
      const [message = expect.fail()] = await bobWrites(1)
      alice = open(alice, message).state
      expect(codeOf(() => open(alice, message))).toBe('SIGNAL_DUPLICATE_MESSAGE')
      expect(await refusedByCore(message)).toBe('SIGNAL_DUPLICATE_MESSAGE')
    })

    it.each<[string, (message: Buffer) => void]>([
      [
        'a changed text',
        (message) => message.writeUInt8(message.readUInt8(message.length - 12) ^ 1, message.length - 12),
      ],
      ['a changed MAC', (message) => message.writeUInt8(message.readUInt8(message.length - 1) ^ 1, message.length - 1)],
      ['a changed counter', (message) => message.writeUInt8(message.readUInt8(37) + 1, 37)],
      ['a changed ratchet key', (message) => message.writeUInt8(message.readUInt8(10) ^ 1, 10)],
      ['a ratchet key of zeros', (message) => message.fill(0, 4, 36)],
    ])('%s', async (_what, change) => {
      const message = Buffer.from((await bobWrites(1))[0] ?? expect.fail())
      change(message)
      const before = writeSessionState(alice)
      expect(codeOf(() => open(alice, message))).toBe('SIGNAL_INVALID_MESSAGE')
      expect(await refusedByCore(message)).toBe('SIGNAL_INVALID_MESSAGE')
      expect(writeSessionState(alice)).toEqual(before)
    })
  })

  it.each<[string, (state: SessionState) => SessionState]>([
    ['another version', (state) => ({ ...state, sessionVersion: 4 })],
    ['no chain to send with', ({ senderChain: _, ...state }) => state],
    ['a short root key', (state) => ({ ...state, rootKey: new Uint8Array(31) })],
    ['no identity of the peer', (state) => ({ ...state, remoteIdentity: new Uint8Array(0) })],
    [
      'a chain without a key',
      (state) => ({
        ...state,
        receiverChains: state.receiverChains.map((chain) => ({ ...chain, key: new Uint8Array(0) })),
      }),
    ],
  ])('leaves a state with %s to the core', (_what, spoil) => {
    expect(isTurning(alice)).toBe(true)
    expect(isTurning(spoil(alice))).toBe(false)
  })
})
