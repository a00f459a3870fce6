import { bridge } from './baileys-internals.js'
import { CoreStorage } from './core-storage.js'
import { SignalError, translatedCoreError } from './errors.js'
import { keepLateMessages, keepSkippedFirstMessages, rootStep } from './late-messages.js'
import { hkdf } from './message-keys.js'
import { isTurning, openMessage, type TurningState } from './ratchet.js'
import { EMPTY_RECORD, type SessionRecord, withoutPendingPreKey } from './session-record.js'
import { readSessionState, writeSessionState } from './session-state.js'
import {
  readPreKeyWhisperMessage,
  readWhisperMessage,
  SIGNAL_VERSION_BYTE,
  type WhisperMessage,
} from './signal-messages.js'
import { agreesWithCore, X25519 } from './x25519.js'

/**
 * The 1:1 protocol as functions over records: a record goes in, a new one comes out, nothing is stored.
 * Which of several session states a message is shown is decided here. The messages of a session that has begun are opened by
 * ratchet.ts; how one begins, sending, and whatever is out of the ordinary are the core's.
 */

export interface KeyPair {
  readonly pubKey: Uint8Array
  readonly privKey: Uint8Array
}

/** Our side: public keys with the 0x05 prefix. */
export interface LocalIdentity {
  readonly identity: KeyPair
  readonly registrationId: number
  readonly signedPreKey: KeyPair & { readonly keyId: number; readonly signature: Uint8Array }
}

export interface PreKeyBundle {
  readonly registrationId: number
  readonly identityKey: Uint8Array
  readonly signedPreKey: { readonly keyId: number; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  readonly preKey?: { readonly keyId: number; readonly publicKey: Uint8Array }
}

export interface Encrypted {
  readonly record: SessionRecord
  readonly type: 'pkmsg' | 'msg'
  readonly ciphertext: Uint8Array
}

export interface Decrypted {
  readonly record: SessionRecord
  readonly plaintext: Uint8Array
  /** The one-time pre-key that was used up. */
  readonly usedPreKeyId?: number
}

/**
 * How far a message may be ahead of its chain: as far as keys of skipped messages are kept, which is stock's limit too. The
 * core's is 25,000, most of a second for each message of a peer that makes use of it, and none at all where both identities
 * are the same.
 */
const MAX_COUNTER_JUMP = 2000

/** The address takes no part in the cryptography, so that one object, never freed, serves all. */
const anyAddress = new bridge.ProtocolAddress('peer', 0)

const curve = new X25519()
/** Looked at once, by the first message. */
let turnsHere: boolean | undefined

export async function encryptMessage(
  record: SessionRecord | undefined,
  local: LocalIdentity,
  plaintext: Uint8Array,
): Promise<Encrypted> {
  if (!record?.current) throw new SignalError('SIGNAL_NO_SESSION')
  const storage = new CoreStorage({ local, session: only(record.current) })
  const cipher = new bridge.SessionCipher(storage, anyAddress)
  try {
    const { type, body } = await cipher.encrypt(plaintext)
    return {
      record: { ...record, ...storage.session, previous: record.previous, seeds: record.seeds },
      type: type === 3 ? 'pkmsg' : 'msg',
      ciphertext: body,
    }
  } catch (cause) {
    throw translatedCoreError(cause)
  } finally {
    cipher.free()
  }
}

/**
 * Tries the states one by one, each on its own: the core would step the ratchet of the current state on a message that
 * then turns out to belong to an archived one, and store the ruined state. A state that knows the message's ratchet key
 * goes first. The state that opens the message becomes the current one, as in libsignal.
 */
export async function decryptMessage(
  record: SessionRecord | undefined,
  local: LocalIdentity,
  ciphertext: Uint8Array,
): Promise<Decrypted> {
  const message = readWhisperMessage(ciphertext)
  let failure: SignalError | undefined
  for (const state of candidates(record ?? EMPTY_RECORD, message.ratchetKey)) {
    checkJump(state, message)
    try {
      const { current, plaintext } = await openWith(state, local, message, ciphertext)
      const opened = withState(record ?? EMPTY_RECORD, state, current)
      return { record: keepLateMessages(opened, state, message), plaintext }
    } catch (cause) {
      const error = SignalError.is(cause) ? cause : translatedCoreError(cause)
      failure ??= error
      if (error.code === 'SIGNAL_DUPLICATE_MESSAGE') throw error
    }
  }
  throw failure ?? new SignalError('SIGNAL_NO_SESSION')
}

/** One state, and what it becomes. */
async function openWith(
  state: Uint8Array,
  local: LocalIdentity,
  message: WhisperMessage,
  ciphertext: Uint8Array,
): Promise<{ current: Uint8Array | undefined; plaintext: Uint8Array }> {
  const turning = ciphertext[0] === SIGNAL_VERSION_BYTE ? turningState(state) : undefined
  if (turning) {
    const opened = openMessage(turning, message, ciphertext, curve)
    return { current: writeSessionState(opened.state), plaintext: opened.plaintext }
  }
  const storage = new CoreStorage({ local, session: only(state) })
  const cipher = new bridge.SessionCipher(storage, anyAddress)
  try {
    const plaintext = await cipher.decryptWhisperMessage(ciphertext)
    return { current: storage.session.current, plaintext }
  } finally {
    cipher.free()
  }
}

/** `undefined` when this state, or every one where Node has no X25519, is left to the core. */
function turningState(bytes: Uint8Array): TurningState | undefined {
  turnsHere ??= agreesWithCore(curve)
  if (!turnsHere) return undefined
  try {
    const state = readSessionState(bytes)
    return isTurning(state) ? state : undefined
  } catch {
    return undefined
  }
}

/** `preKey` is the one-time pre-key the message names, if we still have it. */
export async function decryptPreKeyMessage(
  record: SessionRecord | undefined,
  local: LocalIdentity,
  ciphertext: Uint8Array,
  preKey: KeyPair | undefined,
): Promise<Decrypted> {
  const { message, preKeyId, identityKey, baseKey } = readPreKeyWhisperMessage(ciphertext)
  const before = statesOf(record ?? EMPTY_RECORD).find((state) => contains(state, baseKey))
  checkJump(before, message)
  const storage = new CoreStorage({ local, session: record ?? EMPTY_RECORD, ...(preKey ? { preKey } : {}) })
  const cipher = new bridge.SessionCipher(storage, anyAddress)
  try {
    const plaintext = await cipher.decryptPreKeyWhisperMessage(ciphertext)
    const opened: SessionRecord = { ...storage.session, seeds: record?.seeds ?? [] }
    return {
      record: before
        ? keepLateMessages(opened, before, message)
        : keepSkippedFirstMessages(opened, message, () =>
            rootStep(firstRootKey(local, preKey, identityKey, baseKey), message.ratchetKey, local.signedPreKey.privKey),
          ),
      plaintext,
      ...(storage.usedPreKey && preKeyId !== undefined ? { usedPreKeyId: preKeyId } : {}),
    }
  } catch (cause) {
    if (storage.missedPreKey) throw new SignalError('SIGNAL_NO_PRE_KEY', undefined, { cause })
    throw translatedCoreError(cause)
  } finally {
    cipher.free()
  }
}

/** A new session with the owner of the bundle; the one in use until now is archived. */
export async function beginSession(
  record: SessionRecord | undefined,
  local: LocalIdentity,
  bundle: PreKeyBundle,
): Promise<SessionRecord> {
  const storage = new CoreStorage({ local, session: record ?? EMPTY_RECORD })
  const builder = new bridge.SessionBuilder(storage, anyAddress)
  try {
    await builder.processPreKeyBundle(bundle)
    return { ...storage.session, seeds: record?.seeds ?? [] }
  } catch (cause) {
    throw new SignalError('SIGNAL_INVALID_BUNDLE', String(cause), { cause })
  } finally {
    builder.free()
  }
}

function only(current: Uint8Array): SessionRecord {
  return { current, previous: [], seeds: [] }
}

function candidates(record: SessionRecord, ratchetKey: Uint8Array): Uint8Array[] {
  const states = statesOf(record)
  if (states.length < 2) return states
  return [
    ...states.filter((state) => contains(state, ratchetKey)),
    ...states.filter((state) => !contains(state, ratchetKey)),
  ]
}

function statesOf(record: SessionRecord): Uint8Array[] {
  return record.current ? [record.current, ...record.previous] : [...record.previous]
}

function contains(state: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(state.buffer, state.byteOffset, state.length).indexOf(part) >= 0
}

/** X3DH from the side that is written to (`initialize_bob_session` of the core). */
function firstRootKey(
  { identity, signedPreKey }: LocalIdentity,
  preKey: KeyPair | undefined,
  theirIdentity: Uint8Array,
  theirBaseKey: Uint8Array,
): Uint8Array {
  const secrets = [
    new Uint8Array(32).fill(0xff),
    bridge.calculateAgreement(theirIdentity, signedPreKey.privKey),
    bridge.calculateAgreement(theirBaseKey, identity.privKey),
    bridge.calculateAgreement(theirBaseKey, signedPreKey.privKey),
    ...(preKey ? [bridge.calculateAgreement(theirBaseKey, preKey.privKey)] : []),
  ]
  return hkdf(Buffer.concat(secrets), 'WhisperText', 96).subarray(0, 32)
}

/** `state`, changed to `current`, in front; another one that was there goes to the head of the archive, as in libsignal. */
function withState(record: SessionRecord, state: Uint8Array, current: Uint8Array | undefined): SessionRecord {
  if (!current) throw new SignalError('SIGNAL_INVALID_RECORD', 'session')
  if (state === record.current) return { ...record, current }
  const others = record.previous.filter((previous) => previous !== state)
  const archived = record.current ? [withoutPendingPreKey(record.current)] : []
  return { current, previous: [...archived, ...others], seeds: record.seeds }
}

/** Throws for a message that is too far ahead of its chain. */
function checkJump(state: Uint8Array | undefined, { counter, ratchetKey }: WhisperMessage): void {
  if (counter <= MAX_COUNTER_JUMP) return
  const chains = state ? readSessionState(state).receiverChains : []
  const index = chains.find((chain) => Buffer.compare(chain.ratchetKey, ratchetKey) === 0)?.index ?? 0
  if (counter - index > MAX_COUNTER_JUMP) throw new SignalError('SIGNAL_INVALID_MESSAGE', 'too far ahead')
}
