import { createCipheriv, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { messageKeyOf, skipTo } from '../src/message-keys.js'
import { ProtobufWriter } from '../src/protobuf.js'
import { readSessionRecord, writeSessionRecord } from '../src/session-record.js'
import { readSessionState, type SessionState, writeSessionState } from '../src/session-state.js'
import { exchange, introduce, ourParty, type Party, receive } from './parties.js'

const ME = '4915110000001@s.whatsapp.net'
const MY_PHONE = '4915110000001:2@s.whatsapp.net'
const PEER = '4915110000002@s.whatsapp.net'

describe('a message whose counter does not fit 32 bits, with a right MAC,', () => {
  it('is refused at once: the core would read another number in it than we do', async () => {
    const [me, peer] = [ourParty(ME), ourParty(PEER)]
    await introduce(me, peer)
    await exchange(me, peer, 'hello')
    await exchange(peer, me, 'hi')
    await exchange(me, peer, 'how are you?')
    const before = me.store.snapshot()
    const forged = signedMessage(stateOf(peer, ME), { counter: 2 ** 32 + 5, keyIndex: 5 })
    await expect(receive(me, peer, { type: 'msg', ciphertext: forged })).rejects.toThrow('malformed')
    expect(me.store.snapshot()).toBe(before)
    expect(await exchange(peer, me, 'still here')).toBe('still here')
  })
})

describe('a device of our own account that has sent more than 25,000 messages without an answer', () => {
  it.each(['unanswered', 'answered'])('is still read, in an %s session', async (kind) => {
    const me = ourParty(ME, { plainKeys: true })
    const phone = ourParty(MY_PHONE, { creds: me.creds, plainKeys: true })
    await introduce(phone, me)
    await exchange(phone, me, 'hello')
    if (kind === 'answered') {
      await exchange(me, phone, 'hi')
      await exchange(phone, me, 'a chain that is never answered')
    }
    forward(phone, ME, 'sending', 26_000)
    forward(me, MY_PHONE, 'receiving', 26_000)
    expect(await exchange(phone, me, 'the 26,001st')).toBe('the 26,001st')
    forward(phone, ME, 'sending', 52_000)
    await expect(exchange(phone, me, 'too far')).rejects.toThrow('too far ahead')
  })
})

describe('a peer', () => {
  it('can be 2,000 messages ahead, and no further: that is what stock allows, and what can be paid for', async () => {
    const [me, peer] = [ourParty(ME), ourParty(PEER, { plainKeys: true })]
    await introduce(peer, me)
    await exchange(peer, me, 'hello')
    forward(peer, ME, 'sending', 2001)
    expect(await exchange(peer, me, 'far')).toBe('far')
    forward(peer, ME, 'sending', 4003)
    await expect(exchange(peer, me, 'too far')).rejects.toThrow('too far ahead')
    await introduce(peer, me)
    expect(await exchange(peer, me, 'in a new session')).toBe('in a new session')
  })
})

function stateOf(party: Party, jid: string): SessionState {
  const { current } = readSessionRecord(recordOf(party, jid))
  return readSessionState(current ?? expect.fail('no session'))
}

function recordOf(party: Party, jid: string): Uint8Array {
  return party.store.values.get(keyOf(party, jid)) as Uint8Array
}

function keyOf(party: Party, jid: string): string {
  return `session|${party.repository.jidToSignalProtocolAddress(jid)}`
}

/** As if all messages up to `index` had been sent, and read. */
function forward(party: Party, jid: string, which: 'sending' | 'receiving', index: number): void {
  const record = readSessionRecord(recordOf(party, jid))
  const state = stateOf(party, jid)
  const moved = (chain: SessionState['receiverChains'][number]) => ({ ...chain, ...skipTo(chain, index) })
  const [newest = expect.fail('no chain')] = state.receiverChains.slice(-1)
  const changed =
    which === 'sending'
      ? { ...state, senderChain: moved(state.senderChain ?? expect.fail('no chain')) }
      : { ...state, receiverChains: [...state.receiverChains.slice(0, -1), moved(newest)] }
  party.store.values.set(keyOf(party, jid), writeSessionRecord({ ...record, current: writeSessionState(changed) }))
}

/** What a peer with a client of its own can send: any counter on the wire, with the key of another one. */
function signedMessage(state: SessionState, { counter, keyIndex }: { counter: number; keyIndex: number }): Buffer {
  const chain = state.senderChain ?? expect.fail('no chain')
  const { cipherKey, macKey, iv } = messageKeyOf(
    skipTo(chain, keyIndex + 1).seeds.at(-1) ?? expect.fail('no key'),
    keyIndex,
  )
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const body = Buffer.concat([cipher.update('forged'), cipher.final()])
  const message = new ProtobufWriter()
    .bytes(1, chain.ratchetKey)
    .varint(2, counter)
    .varint(3, state.previousCounter)
    .bytes(4, body)
    .finish()
  const signed = Buffer.concat([Uint8Array.of(0x33), message])
  const mac = createHmac('sha256', macKey).update(state.localIdentity).update(state.remoteIdentity).update(signed)
  return Buffer.concat([signed, mac.digest().subarray(0, 8)])
}
