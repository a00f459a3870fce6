import { bridge } from './baileys-internals.js'
import { CoreStorage } from './core-storage.js'
import { SignalError, translatedCoreError } from './errors.js'
import { checkSenderKeyRecord } from './sender-key-record.js'

/** The group protocol as functions over sender-key records: a record goes in, a new one comes out, nothing is stored. */

const anyAddress = new bridge.ProtocolAddress('peer', 0)
const anyName = new bridge.SenderKeyName('group', anyAddress)

export interface GroupEncrypted {
  readonly record: Uint8Array
  readonly ciphertext: Uint8Array
  /** What a member needs to read this message and all after it. */
  readonly distribution: Uint8Array
}

/** Makes our sender key where there is none yet. */
export async function distributeSenderKey(
  record: Uint8Array | undefined,
): Promise<{ record: Uint8Array; distribution: Uint8Array }> {
  const storage = storageOf(record)
  const builder = new bridge.GroupSessionBuilder(storage)
  try {
    const message = await builder.create(anyName)
    const distribution = message.serialize()
    message.free()
    return { record: stored(storage), distribution }
  } catch (cause) {
    throw translatedCoreError(cause)
  } finally {
    builder.free()
  }
}

export async function encryptGroupMessage(
  record: Uint8Array | undefined,
  plaintext: Uint8Array,
): Promise<GroupEncrypted> {
  const sender = await distributeSenderKey(record)
  const storage = storageOf(sender.record)
  const cipher = new bridge.GroupCipher(storage, 'group', anyAddress)
  try {
    const ciphertext = await cipher.encrypt(plaintext)
    return { record: stored(storage), ciphertext, distribution: sender.distribution }
  } catch (cause) {
    throw translatedCoreError(cause)
  } finally {
    cipher.free()
  }
}

export async function decryptGroupMessage(
  record: Uint8Array | undefined,
  ciphertext: Uint8Array,
): Promise<{ record: Uint8Array; plaintext: Uint8Array }> {
  if (!record) throw new SignalError('SIGNAL_NO_SENDER_KEY')
  const storage = storageOf(record)
  const cipher = new bridge.GroupCipher(storage, 'group', anyAddress)
  try {
    const plaintext = await cipher.decrypt(ciphertext)
    return { record: stored(storage), plaintext }
  } catch (cause) {
    throw translatedCoreError(cause)
  } finally {
    cipher.free()
  }
}

/** Takes over a member's sender key. One that is known already keeps its place in the chain. */
export async function acceptSenderKey(record: Uint8Array | undefined, distribution: Uint8Array): Promise<Uint8Array> {
  const storage = storageOf(record)
  const builder = new bridge.GroupSessionBuilder(storage)
  let message: bridge.SenderKeyDistributionMessage | undefined
  try {
    message = bridge.SenderKeyDistributionMessage.deserialize(distribution)
    await builder.process(anyName, message)
    return stored(storage)
  } catch (cause) {
    throw translatedCoreError(cause)
  } finally {
    message?.free()
    builder.free()
  }
}

function storageOf(record: Uint8Array | undefined): CoreStorage {
  if (record) checkSenderKeyRecord(record)
  return new CoreStorage(record ? { senderKey: record } : {})
}

function stored(storage: CoreStorage): Uint8Array {
  if (!storage.senderKey) throw new SignalError('SIGNAL_INVALID_RECORD', 'sender key')
  return storage.senderKey
}
