import { allBytes, lastBytes, lastVarint, ProtobufWriter, readFields } from './protobuf.js'

/** Signal's SessionStructure (`storage.proto`) as an object, for what has to look inside one. */
export interface SessionState {
  readonly sessionVersion: number
  readonly localIdentity: Uint8Array
  readonly remoteIdentity: Uint8Array
  readonly rootKey: Uint8Array
  readonly previousCounter: number
  readonly senderChain?: Chain
  /** Oldest first. */
  readonly receiverChains: readonly Chain[]
  readonly pendingPreKey?: { readonly preKeyId?: number; readonly signedPreKeyId: number; readonly baseKey: Uint8Array }
  readonly remoteRegistrationId: number
  readonly localRegistrationId: number
  /** The base key of whoever began the session. */
  readonly aliceBaseKey: Uint8Array
}

export interface Chain {
  readonly ratchetKey: Uint8Array
  /** Of a sender chain only. */
  readonly ratchetPrivateKey?: Uint8Array
  /** The index of the next message, and the key it is derived from. */
  readonly index: number
  readonly key: Uint8Array
  readonly messageKeys: readonly MessageKey[]
}

export interface MessageKey {
  readonly index: number
  readonly cipherKey: Uint8Array
  readonly macKey: Uint8Array
  readonly iv: Uint8Array
}

const NONE = new Uint8Array(0)

export function readSessionState(bytes: Uint8Array): SessionState {
  const fields = readFields(bytes)
  const senderChain = lastBytes(fields, 6)
  const pending = lastBytes(fields, 9)
  return {
    sessionVersion: lastVarint(fields, 1) ?? 0,
    localIdentity: lastBytes(fields, 2) ?? NONE,
    remoteIdentity: lastBytes(fields, 3) ?? NONE,
    rootKey: lastBytes(fields, 4) ?? NONE,
    previousCounter: lastVarint(fields, 5) ?? 0,
    ...(senderChain ? { senderChain: readChain(senderChain) } : {}),
    receiverChains: allBytes(fields, 7).map(readChain),
    ...(pending ? { pendingPreKey: readPendingPreKey(pending) } : {}),
    remoteRegistrationId: lastVarint(fields, 10) ?? 0,
    localRegistrationId: lastVarint(fields, 11) ?? 0,
    aliceBaseKey: lastBytes(fields, 13) ?? NONE,
  }
}

export function writeSessionState(state: SessionState): Uint8Array {
  const { senderChain, pendingPreKey } = state
  const writer = new ProtobufWriter()
    .varint(1, state.sessionVersion)
    .bytes(2, state.localIdentity)
    .bytes(3, state.remoteIdentity)
    .bytes(4, state.rootKey)
    .varint(5, state.previousCounter)
    .bytes(6, senderChain && writeChain(senderChain))
  for (const chain of state.receiverChains) writer.bytes(7, writeChain(chain))
  if (pendingPreKey) {
    const { preKeyId, signedPreKeyId, baseKey } = pendingPreKey
    writer.bytes(9, new ProtobufWriter().varint(1, preKeyId).bytes(2, baseKey).varint(3, signedPreKeyId).finish())
  }
  return writer
    .varint(10, state.remoteRegistrationId)
    .varint(11, state.localRegistrationId)
    .bytes(13, state.aliceBaseKey)
    .finish()
}

function readChain(bytes: Uint8Array): Chain {
  const fields = readFields(bytes)
  const chainKey = readFields(lastBytes(fields, 3) ?? NONE)
  const ratchetPrivateKey = lastBytes(fields, 2)
  return {
    ratchetKey: lastBytes(fields, 1) ?? NONE,
    ...(ratchetPrivateKey?.length ? { ratchetPrivateKey } : {}),
    index: lastVarint(chainKey, 1) ?? 0,
    key: lastBytes(chainKey, 2) ?? NONE,
    messageKeys: allBytes(fields, 4).map(readMessageKey),
  }
}

function writeChain({ ratchetKey, ratchetPrivateKey, index, key, messageKeys }: Chain): Uint8Array {
  const writer = new ProtobufWriter()
    .bytes(1, ratchetKey)
    .bytes(2, ratchetPrivateKey ?? NONE)
    .bytes(3, new ProtobufWriter().varint(1, index).bytes(2, key).finish())
  for (const { index: at, cipherKey, macKey, iv } of messageKeys) {
    writer.bytes(4, new ProtobufWriter().varint(1, at).bytes(2, cipherKey).bytes(3, macKey).bytes(4, iv).finish())
  }
  return writer.finish()
}

function readMessageKey(bytes: Uint8Array): MessageKey {
  const fields = readFields(bytes)
  return {
    index: lastVarint(fields, 1) ?? 0,
    cipherKey: lastBytes(fields, 2) ?? NONE,
    macKey: lastBytes(fields, 3) ?? NONE,
    iv: lastBytes(fields, 4) ?? NONE,
  }
}

function readPendingPreKey(bytes: Uint8Array): NonNullable<SessionState['pendingPreKey']> {
  const fields = readFields(bytes)
  const preKeyId = lastVarint(fields, 1)
  return {
    ...(preKeyId === undefined ? {} : { preKeyId }),
    signedPreKeyId: lastVarint(fields, 3) ?? 0,
    baseKey: lastBytes(fields, 2) ?? NONE,
  }
}
