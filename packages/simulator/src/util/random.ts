import { createCipheriv, createHash, randomBytes } from 'node:crypto'

/** A stream of bytes. With the same seed and label it is always the same stream. */
export interface Random {
  bytes(length: number): Buffer
  /** An integer from 0 up to, not including, `limit` (at most 2^32). */
  integer(limit: number): number
}

export interface RandomSource {
  readonly seed: string
  /** An independent stream. Keys of an account come from a stream of their own, whatever else happened before. */
  stream(label: string): Random
}

/** Without a seed every start differs. */
export function createRandomSource(seed: string = randomBytes(16).toString('hex')): RandomSource {
  return { seed, stream: (label) => createStream(`${seed}\n${label}`) }
}

function createStream(label: string): Random {
  const key = createHash('sha256').update(label).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  const bytes = (length: number) => cipher.update(Buffer.alloc(length))
  return { bytes, integer: (limit) => Math.floor((bytes(4).readUInt32BE() / 2 ** 32) * limit) }
}
