import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { SignalError } from './errors.js'
import { hkdf, messageKeyOf, messageSeed, nextChainKey, skipTo } from './message-keys.js'
import type { Chain, MessageKey, SessionState } from './session-state.js'
import { MAC_LENGTH, type WhisperMessage } from './signal-messages.js'
import type { X25519 } from './x25519.js'

/**
 * The receiving half of Signal's double ratchet (version 3) over a state that was taken apart: the same results as the core's,
 * byte for byte, at four fifths of its cost where the ratchet steps, because Node's agreements are quicker. A state goes in, a new
 * one comes out. Sending needs no agreement and is the core's.
 */

/** The core keeps as many receiving chains, and as many keys of skipped messages in each. */
const MAX_CHAINS = 5
const MAX_MESSAGE_KEYS = 2000
const KEY_LENGTH = 32
const PUBLIC_KEY_LENGTH = 33

/** A state that can step its ratchet. */
export type TurningState = SessionState & { readonly senderChain: Chain & { readonly ratchetPrivateKey: Uint8Array } }

/** Whether everything is there and of the right length. What this refuses is left to the core, which says what is wrong. */
export function isTurning(state: SessionState): state is TurningState {
  const { senderChain, receiverChains } = state
  return (
    state.sessionVersion === 3 &&
    state.rootKey.length === KEY_LENGTH &&
    state.localIdentity.length === PUBLIC_KEY_LENGTH &&
    state.remoteIdentity.length === PUBLIC_KEY_LENGTH &&
    senderChain?.ratchetPrivateKey?.length === KEY_LENGTH &&
    [senderChain, ...receiverChains].every(
      ({ key, ratchetKey }) => key.length === KEY_LENGTH && ratchetKey.length === PUBLIC_KEY_LENGTH,
    )
  )
}

/**
 * @param ciphertext what `message` was read from
 * @throws SIGNAL_DUPLICATE_MESSAGE when the key of the message was used already · SIGNAL_INVALID_MESSAGE
 */
export function openMessage(
  state: TurningState,
  message: WhisperMessage,
  ciphertext: Uint8Array,
  curve: Pick<X25519, 'generateKeyPair' | 'agreement'>,
): { state: SessionState; plaintext: Uint8Array } {
  const isKnown = state.receiverChains.some((chain) => isOf(chain, message))
  const stepped = isKnown ? state : step(state, message.ratchetKey, curve)
  const { chain, key } = take(chainFor(stepped, message), message.counter)
  const signed = ciphertext.subarray(0, -MAC_LENGTH)
  const mac = macOf(key.macKey, { from: state.remoteIdentity, to: state.localIdentity }, signed)
  if (!timingSafeEqual(mac, ciphertext.subarray(-MAC_LENGTH)))
    throw new SignalError('SIGNAL_INVALID_MESSAGE', 'the MAC is wrong')
  const { pendingPreKey: _, ...rest } = stepped
  return {
    state: { ...rest, receiverChains: stepped.receiverChains.map((other) => (isOf(other, message) ? chain : other)) },
    plaintext: decrypt(key, message.body),
  }
}

/** The peer has answered with a key of its own: a receiving chain for it, and a sending chain for a new key of ours. */
function step(
  state: TurningState,
  theirs: Uint8Array,
  curve: Pick<X25519, 'generateKeyPair' | 'agreement'>,
): TurningState {
  const { senderChain, receiverChains } = state
  const receiving = nextRoot(state.rootKey, agreement(curve, theirs, senderChain.ratchetPrivateKey))
  const ours = curve.generateKeyPair()
  const sending = nextRoot(receiving.rootKey, agreement(curve, theirs, ours.privKey))
  const added: Chain = { ratchetKey: theirs, index: 0, key: receiving.chainKey, messageKeys: [] }
  return {
    ...state,
    rootKey: sending.rootKey,
    previousCounter: Math.max(0, senderChain.index - 1),
    senderChain: {
      ratchetKey: ours.pubKey,
      ratchetPrivateKey: ours.privKey,
      index: 0,
      key: sending.chainKey,
      messageKeys: [],
    },
    receiverChains: [...receiverChains, added].slice(-MAX_CHAINS),
  }
}

/** The key of one message, and the chain without it. */
function take(chain: Chain, counter: number): { chain: Chain; key: MessageKey } {
  if (counter < chain.index) {
    const key = chain.messageKeys.find(({ index }) => index === counter)
    if (!key) throw new SignalError('SIGNAL_DUPLICATE_MESSAGE')
    return { chain: { ...chain, messageKeys: chain.messageKeys.filter((other) => other !== key) }, key }
  }
  const skipped = skipTo(chain, counter)
  const keys = skipped.seeds.map((seed, offset) => messageKeyOf(seed, chain.index + offset))
  const messageKeys = keys.length > 0 ? [...chain.messageKeys, ...keys].slice(-MAX_MESSAGE_KEYS) : chain.messageKeys
  return { chain: { ...chain, messageKeys, ...nextOf(skipped) }, key: messageKeyOf(messageSeed(skipped.key), counter) }
}

function nextOf({ index, key }: Pick<Chain, 'index' | 'key'>): Pick<Chain, 'index' | 'key'> {
  return { index: index + 1, key: nextChainKey(key) }
}

function nextRoot(rootKey: Uint8Array, secret: Uint8Array): { rootKey: Uint8Array; chainKey: Uint8Array } {
  const derived = hkdf(secret, 'WhisperRatchet', 2 * KEY_LENGTH, rootKey)
  return { rootKey: derived.subarray(0, KEY_LENGTH), chainKey: derived.subarray(KEY_LENGTH) }
}

function macOf(macKey: Uint8Array, { from, to }: { from: Uint8Array; to: Uint8Array }, signed: Uint8Array): Uint8Array {
  return createHmac('sha256', macKey).update(from).update(to).update(signed).digest().subarray(0, MAC_LENGTH)
}

function decrypt({ cipherKey, iv }: MessageKey, body: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  try {
    return Uint8Array.from(Buffer.concat([decipher.update(body), decipher.final()]))
  } catch (cause) {
    throw new SignalError('SIGNAL_INVALID_MESSAGE', 'the padding is wrong', { cause })
  }
}

function agreement(curve: Pick<X25519, 'agreement'>, theirs: Uint8Array, ours: Uint8Array): Uint8Array {
  try {
    return curve.agreement(theirs, ours)
  } catch (cause) {
    throw new SignalError('SIGNAL_INVALID_MESSAGE', 'no agreement with this key', { cause })
  }
}

function chainFor(state: SessionState, message: WhisperMessage): Chain {
  const chain = state.receiverChains.find((candidate) => isOf(candidate, message))
  if (!chain) throw new TypeError('a chain that is known, or was just added, is there')
  return chain
}

function isOf({ ratchetKey }: Chain, message: WhisperMessage): boolean {
  return Buffer.compare(ratchetKey, message.ratchetKey) === 0
}
