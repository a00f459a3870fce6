import { createHash } from 'node:crypto'
import { type AuthenticationCreds, initAuthCreds } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { AuthBatch, AuthKey, AuthKeyRef } from '../../ports/auth-store.js'
import type { AuthHandle } from '../../ports/connector.js'
import { decodeAuthValue, encodeAuthValue } from './auth-codec.js'

/** Values by id, and changes by type and id (`null` deletes): the two halves of Baileys' `SignalKeyStore`. */
export interface KeyStorage {
  get(type: string, ids: string[]): Promise<Record<string, unknown>>
  set(changes: Record<string, Record<string, unknown>>): Promise<void>
}

export interface BaileysAuthState {
  creds: AuthenticationCreds
  keys: KeyStorage
  /** Whether these are the credentials of a linked account. `creds.registered` does not tell: it stays false after a QR. */
  linked: boolean
  /** Whether a login with them has ever succeeded: only after its first one Baileys uploads pre-keys. */
  loggedIn: boolean
  /** Makes the credentials as they are now durable. Calls in one turn of the event loop are one write, and none where they are stored. */
  saveCreds(): Promise<void>
  /**
   * Ends the writing: what comes later rejects with CONNECTION_LOST. Resolves when what was on its way is stored, or has failed.
   */
  seal(): Promise<void>
}

/**
 * The credentials and keys of a session in the shape Baileys takes. New credentials are stored before they are used, so that
 * a crash while linking finds the same noise and identity keys again.
 *
 * @param onFailure called before a failed write, a failed read or a record that cannot be decoded rejects: the connection must
 *   be gone by then, or Baileys would tell the server that it could not read a message that it could
 */
export async function loadAuthState(auth: AuthHandle, onFailure: (error: unknown) => void): Promise<BaileysAuthState> {
  const stored = await auth.readCreds()
  const creds = stored ? (decodeAuthValue(stored) as AuthenticationCreds) : initAuthCreds()
  const linked = Boolean(creds.account && creds.me?.id)
  const loggedIn = linked && creds.firstUnuploadedPreKeyId > 1
  // A pairing code that nobody typed leaves `me` behind, and with it the next connection would log in instead of linking.
  if (!creds.account && creds.me) {
    delete creds.me
    delete creds.pairingCode
  }
  if (!stored) await auth.commit({ creds: encodeAuthValue(creds) })

  const onItsWay = new Set<Promise<void>>()
  let sealed = false
  /** Of the credentials that the store holds; none while others are on their way. */
  let storedDigest = stored && digestOf(stored)
  let newest: Uint8Array | undefined
  const commit = async (batch: AuthBatch) => {
    if (sealed) throw new TrunklineError('CONNECTION_LOST', { message: 'The connection has ended' })
    const { creds: credsBytes } = batch
    if (credsBytes) {
      storedDigest = undefined
      newest = credsBytes
    }
    const write = auth.commit(batch)
    onItsWay.add(write)
    try {
      await write
      if (credsBytes && newest === credsBytes) storedDigest = digestOf(credsBytes)
    } catch (error) {
      onFailure(error)
      throw error
    } finally {
      onItsWay.delete(write)
    }
  }
  const seal = async () => {
    sealed = true
    await Promise.allSettled(onItsWay)
  }

  let saving: Promise<void> | undefined
  const saveCreds = () => {
    saving ??= Promise.resolve().then(() => {
      saving = undefined
      const bytes = encodeAuthValue(creds)
      // Baileys says with each login, twice, that they have changed.
      if (!sealed && storedDigest === digestOf(bytes)) return
      return commit({ creds: bytes })
    })
    return saving
  }

  const keys: KeyStorage = {
    async get(type, ids) {
      try {
        const values: Record<string, unknown> = {}
        for (const [id, bytes] of await auth.readKeys(type, ids)) values[id] = decodeAuthValue(bytes, type)
        return values
      } catch (error) {
        onFailure(error)
        throw error
      }
    },
    async set(changes) {
      // Baileys sets the device of the account itself with each login, and those of others each time it asks for them. What is read is not
      // written again where it is the same.
      const { 'device-list': devices, ...others } = changes
      if (devices && Object.keys(others).length === 0) await keys.get('device-list', Object.keys(devices))
      const puts: AuthKey[] = []
      const deletes: AuthKeyRef[] = []
      for (const [type, values] of Object.entries(changes)) {
        for (const [id, value] of Object.entries(values)) {
          if (value === null || value === undefined) deletes.push({ type, id })
          else puts.push({ type, id, value: encodeAuthValue(value) })
        }
      }
      // New pre-keys and the counter of their ids go together: keys without it would be made again under used ids.
      const newPreKeys = puts.some(({ type }) => type === 'pre-key')
      return commit({ puts, deletes, ...(newPreKeys ? { creds: encodeAuthValue(creds) } : {}) })
    },
  }
  return { creds, keys, linked, loggedIn, saveCreds, seal }
}

/** A digest, as credentials are secrets, and 2 kB of each account. */
function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64')
}
