import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { encryptedLengthOf, type FileKind, keysOf, MAC_BYTES } from './media-keys.js'

/** A file is not what its message says it is. */
export class BrokenFile extends Error {
  override readonly name = 'BrokenFile'
}

/** What a file must come to, as its message says. */
export interface ExpectedFile {
  kind: FileKind
  mediaKey: Uint8Array
  fileSha256?: Uint8Array | undefined
  fileEncSha256?: Uint8Array | undefined
  /** Of the plain file. */
  bytes?: number | undefined
}

/** The file as the hosts have it, chunk by chunk: the same bytes each time. */
export async function* encrypted(
  source: AsyncIterable<Uint8Array>,
  { kind, mediaKey }: Pick<ExpectedFile, 'kind' | 'mediaKey'>,
): AsyncGenerator<Uint8Array> {
  const { iv, cipherKey, macKey } = keysOf(kind, mediaKey)
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const mac = createHmac('sha256', macKey).update(iv)
  for await (const chunk of source) {
    const part = cipher.update(chunk)
    mac.update(part)
    yield part
  }
  const last = cipher.final()
  yield Buffer.concat([last, mac.update(last).digest().subarray(0, MAC_BYTES)])
}

/**
 * The plain file, chunk by chunk. It ends only when length, MAC and both hashes are right, and with an error otherwise: what came
 * before that is not to be trusted.
 *
 * @throws BrokenFile
 */
export async function* decrypted(
  source: AsyncIterable<Uint8Array>,
  { kind, mediaKey, fileSha256, fileEncSha256, bytes }: ExpectedFile,
): AsyncGenerator<Uint8Array> {
  const { iv, cipherKey, macKey } = keysOf(kind, mediaKey)
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  const mac = createHmac('sha256', macKey).update(iv)
  const [plainHash, encryptedHash] = [createHash('sha256'), createHash('sha256')]
  const expected = bytes === undefined ? Number.POSITIVE_INFINITY : encryptedLengthOf(bytes)
  let length = 0
  let tail: Uint8Array = Buffer.alloc(0)
  for await (const chunk of source) {
    length += chunk.length
    if (length > expected) throw new BrokenFile('The host sent more than the message says')
    encryptedHash.update(chunk)
    // The MAC at the end is no ciphertext, and only the end of the source tells where it begins.
    const held = Buffer.concat([tail, chunk])
    tail = held.subarray(Math.max(held.length - MAC_BYTES, 0))
    const ciphertext = held.subarray(0, held.length - tail.length)
    mac.update(ciphertext)
    const part = decipher.update(ciphertext)
    plainHash.update(part)
    if (part.length > 0) yield part
  }
  if (bytes !== undefined && length !== expected) throw new BrokenFile('The host sent less than the message says')
  if (!isSame(encryptedHash.digest(), fileEncSha256)) throw new BrokenFile('The encrypted file has another hash')
  if (!isSame(mac.digest().subarray(0, MAC_BYTES), tail)) throw new BrokenFile('The MAC does not fit the file')
  const last = finalOf(decipher)
  if (!isSame(plainHash.update(last).digest(), fileSha256)) throw new BrokenFile('The file has another hash')
  if (last.length > 0) yield last
}

function finalOf(decipher: ReturnType<typeof createDecipheriv>): Buffer {
  try {
    return decipher.final()
  } catch (cause) {
    throw new BrokenFile('The file cannot be decrypted', { cause })
  }
}

/** What a message leaves out is not compared; the MAC is always there. */
function isSame(found: Uint8Array, wanted: Uint8Array | undefined): boolean {
  return !wanted?.length || (found.length === wanted.length && timingSafeEqual(found, wanted))
}
