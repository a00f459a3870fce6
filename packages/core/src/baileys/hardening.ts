import { Curve, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { TrunklineError } from '../errors/trunkline-error.js'
import { limitInflation } from './inflate-limit.js'
import { loosenTimers } from './loose-timers.js'

/**
 * What has to be changed in Baileys for the whole process, once, whatever number of managers and copies of this module there
 * are. Each with its reason; the facts are those of Baileys 7.0.0-rc14.
 */
interface Hardened {
  /** The root certificate key in force, hex. */
  rootKey: string
  users: number
  /** Puts the host's own timers back; see `loosenTimers`. */
  tightenTimers?: () => void
}

const STATE = Symbol.for('trunkline.hardening')
const shared = globalThis as { [STATE]?: Hardened }
const WHATSAPP_ROOT = Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY).toString('hex')

export interface HardeningOptions {
  /**
   * The root that the server's Noise certificates must chain to, 32 bytes; WhatsApp's own unless given. Baileys reads it from
   * one object of the process at each handshake.
   */
  certPublicKey?: Uint8Array
  /** Replaces Baileys' curve functions: its `Curve.verify` accepts every signature, because it ignores libsignal's answer. */
  installCurve(): void
}

/**
 * Applies the patches and answers a function that takes this user of them away again.
 *
 * @throws CERT_ROOT_CONFLICT when another manager of the process trusts another root
 */
export function harden({ certPublicKey, installCurve }: HardeningOptions): () => void {
  const rootKey = certPublicKey ? Buffer.from(certPublicKey).toString('hex') : WHATSAPP_ROOT
  shared[STATE] ??= { rootKey, users: 0 }
  const hardened = shared[STATE]
  if (hardened.users > 0 && hardened.rootKey !== rootKey) throw new TrunklineError('CERT_ROOT_CONFLICT')
  installCurve()
  hardened.rootKey = rootKey
  hardened.users += 1
  limitInflation()
  hardened.tightenTimers ??= loosenTimers()
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')
  let released = false
  return () => {
    if (released) return
    released = true
    hardened.users -= 1
    if (hardened.users > 0) return
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(WHATSAPP_ROOT, 'hex')
    hardened.tightenTimers?.()
    delete hardened.tightenTimers
  }
}

/** Whether Baileys' curve really verifies: the check that the patch is in force. */
export function verifiesSignatures(): boolean {
  const { public: publicKey } = Curve.generateKeyPair()
  return !Curve.verify(publicKey, Buffer.from('message'), Buffer.alloc(64, 1))
}
