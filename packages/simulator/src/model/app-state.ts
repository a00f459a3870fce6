import { proto } from '@whiskeysockets/baileys'
import { bridge } from '../crypto/curve.js'

/** What an account keeps in app state: one key, and per collection the patches so far with the hash state of the last. */
export interface AppStateCollections {
  keyId: Buffer
  keyData: Buffer
  keyTimestamp: number
  collections: Map<string, AppStateCollection>
}

export interface AppStateCollection {
  version: number
  hash: Buffer
  /** Value MAC by index MAC (base64). */
  valueMacs: Map<string, Buffer>
  /** Encoded SyncdPatch of versions 1, 2, … */
  patches: Buffer[]
}

const HASH_BYTES = 128
const MAC_BYTES = 32

/** Empty until somebody writes. */
export function collectionOf(state: AppStateCollections, name: string): AppStateCollection {
  const known = state.collections.get(name)
  if (known) return known
  const fresh = { version: 0, hash: Buffer.alloc(HASH_BYTES), valueMacs: new Map(), patches: [] }
  state.collections.set(name, fresh)
  return fresh
}

/**
 * Appends a patch as the next version. Its MACs (of every value, of the snapshot, of the patch) must be right. Returns
 * why it is refused, or `undefined`.
 */
export function appendPatch(state: AppStateCollections, name: string, patch: proto.ISyncdPatch): string | undefined {
  const collection = collectionOf(state, name)
  const version = collection.version + 1
  const { snapshotMac, patchMac, mutations } = patch
  if (!snapshotMac || !patchMac || !mutations) return 'a patch without its MACs'
  if (!state.keyId.equals(patch.keyId?.id ?? Buffer.alloc(0))) return 'a patch by an unknown key'

  using keys = bridge().expandAppStateKeys(state.keyData)
  const applied = applyMutations(collection, mutations, { keyId: state.keyId, valueMacKey: keys.valueMacKey })
  if (typeof applied === 'string') return applied
  const expectedSnapshotMac = bridge().generateSnapshotMac(applied.hash, BigInt(version), name, keys.snapshotMacKey)
  if (!same(expectedSnapshotMac, snapshotMac)) return 'a wrong snapshot MAC'
  const macs = mutations.map((mutation) => macOf(mutation))
  const expectedPatchMac = bridge().generatePatchMac(snapshotMac, macs, BigInt(version), name, keys.patchMacKey)
  if (!same(expectedPatchMac, patchMac)) return 'a wrong patch MAC'

  const stored = proto.SyncdPatch.encode({ ...patch, version: { version } }).finish()
  Object.assign(collection, { version, hash: applied.hash, valueMacs: applied.valueMacs })
  collection.patches.push(Buffer.from(stored))
  return undefined
}

interface ValueKeys {
  keyId: Buffer
  valueMacKey: Uint8Array
}

/** The hash state after the mutations: values that are replaced are subtracted, new ones added. */
function applyMutations(collection: AppStateCollection, mutations: proto.ISyncdMutation[], keys: ValueKeys) {
  const valueMacs = new Map(collection.valueMacs)
  const subtract: Uint8Array[] = []
  const add: Uint8Array[] = []
  for (const mutation of mutations) {
    const blob = mutation.record?.value?.blob
    const index = mutation.record?.index?.blob
    if (!blob || blob.length < MAC_BYTES || !index) return 'a mutation without index or value'
    const operation = mutation.operation ?? proto.SyncdMutation.SyncdOperation.SET
    const value = blob.subarray(0, -MAC_BYTES)
    const mac = bridge().generateContentMac(operationByte(operation), value, keys.keyId, keys.valueMacKey)
    if (!same(mac, macOf(mutation))) return 'a wrong value MAC'
    const key = Buffer.from(index).toString('base64')
    const before = valueMacs.get(key)
    if (before) subtract.push(before)
    if (operation === proto.SyncdMutation.SyncdOperation.REMOVE) {
      valueMacs.delete(key)
    } else {
      add.push(macOf(mutation))
      valueMacs.set(key, macOf(mutation))
    }
  }
  using hashing = new (bridge().LTHashAntiTampering)()
  return { hash: Buffer.from(hashing.subtractThenAdd(collection.hash, subtract, add)), valueMacs }
}

/** What is signed counts from 1: SET, REMOVE. The protobuf counts from 0. */
const operationByte = (operation: proto.SyncdMutation.SyncdOperation): number => operation + 1

const macOf = (mutation: proto.ISyncdMutation): Buffer =>
  Buffer.from(mutation.record?.value?.blob?.subarray(-MAC_BYTES) ?? Buffer.alloc(0))

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.from(left).equals(right)
