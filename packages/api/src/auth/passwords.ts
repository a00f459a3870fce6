import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { TrunklineError } from '@trunkline/core'
import { createGate, type Gate } from './gate.js'

export interface PasswordHasher {
  /** In PHC form, with a fresh salt. */
  hash(password: string): Promise<string>
  /** Whether the password is the hashed one. Without a hash it does the same work and answers `false`. */
  verify(hash: string | undefined, password: string): Promise<boolean>
  /** Whether this is not how passwords are hashed here by now: the next sign-in is the moment to hash anew. */
  isOutdated(hash: string): boolean
}

interface Algorithm {
  /** What its hashes begin with, parameters and all. */
  prefix: string
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}

/** argon2id where the native code of `@node-rs/argon2` can be loaded, else scrypt; hashes of both kinds are understood. */
export async function createPasswordHasher(
  options: { load?: typeof loadArgon2; gate?: Gate } = {},
): Promise<PasswordHasher> {
  const argon2 = await (options.load ?? loadArgon2)()
  const gate = options.gate ?? createGate({ width: 2, queue: 32 })
  const preferred = argon2 ?? scryptAlgorithm
  const decoy = gate(() => preferred.hash(randomBytes(18).toString('base64')))
  decoy.catch(() => {}) // Whoever needs it gets the error.

  return {
    hash: (password) => gate(() => preferred.hash(password)),
    async verify(hash, password) {
      const known = hash ?? (await decoy)
      const algorithm = known.startsWith('$scrypt$') ? scryptAlgorithm : argon2
      if (!algorithm) {
        throw new TrunklineError('INTERNAL', {
          message: 'A stored hash needs @node-rs/argon2, which cannot be loaded here',
        })
      }
      const matches = await gate(() => algorithm.verify(known, password))
      return matches && hash !== undefined
    },
    isOutdated: (hash) => !hash.startsWith(preferred.prefix),
  }
}

/** The least that OWASP recommends for argon2id: 19 MiB, two passes. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

async function loadArgon2(): Promise<Algorithm | undefined> {
  try {
    // A file of its own for each platform: on others the import itself fails.
    const { hash, verify } = await import('@node-rs/argon2')
    const { memoryCost, timeCost, parallelism } = ARGON2
    const prefix = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`
    return { prefix, hash: (password) => hash(password, ARGON2), verify }
  } catch {
    return undefined
  }
}

const SCRYPT = { ln: 17, r: 8, p: 1 }
const SCRYPT_PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

const scryptAlgorithm: Algorithm = {
  prefix: `$scrypt$ln=${SCRYPT.ln},r=${SCRYPT.r},p=${SCRYPT.p}$`,
  async hash(password) {
    const salt = randomBytes(16)
    const key = await deriveScrypt(password, salt, SCRYPT, 32)
    return `${scryptAlgorithm.prefix}${unpadded(salt)}$${unpadded(key)}`
  },
  async verify(hash, password) {
    const [, ln, r, p, salt, key] = SCRYPT_PHC.exec(hash) ?? []
    if (!salt || !key) throw new TrunklineError('STORE_CORRUPT', { message: 'A stored password hash cannot be read' })
    const expected = Buffer.from(key, 'base64')
    const parameters = { ln: Number(ln), r: Number(r), p: Number(p) }
    const actual = await deriveScrypt(password, Buffer.from(salt, 'base64'), parameters, expected.length)
    return timingSafeEqual(actual, expected)
  },
}

function deriveScrypt(password: string, salt: Buffer, { ln, r, p }: typeof SCRYPT, length: number): Promise<Buffer> {
  const N = 2 ** ln
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
