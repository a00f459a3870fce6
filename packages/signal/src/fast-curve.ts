import { type BaileysLogger, bridge, Curve } from './baileys-internals.js'
import { verifyXeddsa } from './xeddsa.js'

const INSTALLED = Symbol.for('trunkline.signal.curve')
const TYPE_BYTE = Buffer.from([5])

export interface FastCurveOptions {
  /** Where the warning goes; a warning of the process without it. */
  logger?: Pick<BaileysLogger, 'warn'>
}

/** `wasm`: all four functions are the fast ones. `javascript`: only `verify` was replaced, by a right one. */
export type InstalledCurve = 'wasm' | 'javascript'

type CurveFunctions = Pick<typeof Curve, 'generateKeyPair' | 'sharedKey' | 'sign' | 'verify'>

const fast: CurveFunctions = {
  generateKeyPair() {
    const { pubKey, privKey } = bridge.generateKeyPair()
    return { private: Buffer.from(privKey), public: Buffer.from(pubKey.subarray(1)) }
  },
  sharedKey: (privateKey, publicKey) => Buffer.from(bridge.calculateAgreement(typed(publicKey), privateKey)),
  sign: (privateKey, message) => Buffer.from(bridge.calculateSignature(privateKey, message)),
  verify(publicKey, message, signature) {
    if (signature.length !== 64) return false
    try {
      return bridge.verifySignature(typed(publicKey), message, signature)
    } catch {
      return false
    }
  },
}

/**
 * Replaces the curve functions of Baileys, for the whole process, by those of the WASM core: about 60 times faster to sign
 * and verify, 4 times to make pre-keys. `Curve.verify` becomes a real check on the way: Baileys' own takes every signature.
 * Call it before the first socket; more calls change nothing.
 *
 * Where the WASM core fails its self-test, Baileys' functions stay, one warning is given, and `verify` is checked by Node.
 */
export function installFastCurve({ logger }: FastCurveOptions = {}): InstalledCurve {
  const curve = Curve as CurveFunctions & { [INSTALLED]?: InstalledCurve }
  const earlier = curve[INSTALLED]
  if (earlier) return earlier
  const installed: InstalledCurve = agrees(fast, curve) ? 'wasm' : 'javascript'
  if (installed === 'wasm') Object.assign(curve, fast)
  else {
    const warning = 'The WASM curve failed its self-test: linking and groups will be slow'
    if (logger) logger.warn({}, warning)
    else process.emitWarning(warning)
    curve.verify = (publicKey, message, signature) => verifyXeddsa(untyped(publicKey), message, signature)
  }
  Object.defineProperty(curve, INSTALLED, { value: installed })
  return installed
}

/** Whether a curve works and means the same as another one: keys, agreement and signatures cross over, forgeries fail. */
export function agrees(candidate: CurveFunctions, other: CurveFunctions): boolean {
  try {
    const [ours, theirs] = [candidate.generateKeyPair(), other.generateKeyPair()]
    const secret = candidate.sharedKey(ours.private, theirs.public)
    if (!Buffer.from(secret).equals(other.sharedKey(theirs.private, ours.public))) return false
    const message = Buffer.from('trunkline')
    const signature = candidate.sign(ours.private, message)
    const forged = Buffer.from(signature)
    forged.writeUInt8(forged.readUInt8(7) ^ 1, 7)
    return (
      verifyXeddsa(untyped(ours.public), message, signature) &&
      candidate.verify(theirs.public, message, other.sign(theirs.private, message)) &&
      candidate.verify(ours.public, message, signature) &&
      !candidate.verify(ours.public, message, forged) &&
      !candidate.verify(theirs.public, message, signature)
    )
  } catch {
    return false
  }
}

function typed(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === 33 ? publicKey : Buffer.concat([TYPE_BYTE, publicKey])
}

function untyped(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === 33 ? publicKey.subarray(1) : publicKey
}
