import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { encryptedLengthOf, type FileKind, keysOf, MAC_BYTES } from './media-keys.js'

/** A file is not what its message says it is. */
export class BrokenFile extends Error {
  override readonly name = 'BrokenFile'
}

/** What a file must come to, as its message says. */
export interface ExpectedFile {
  kind: FileKind
  /** Left out of what is not encrypted, as in channels. */
  mediaKey?: Uint8Array | undefined
  fileSha256?: Uint8Array | undefined
  fileEncSha256?: Uint8Array | undefined
  /** Of the plain file. */
  bytes?: number | undefined
}

/** What an encrypted file comes to. */
export interface FileSeal {
  /** Hosts take it under this SHA-256 of all of it. */
  hash: Buffer
  /** Its last bytes. */
  mac: Buffer
  /** All of it, where that was asked for: it need not be encrypted once more to be sent. */
  kept?: readonly Buffer[]
}

/** What is decrypted at a time. TLS hands out pieces of 16 KiB, and each costs as many steps on its way as one of this size. */
const PIECE_BYTES = 64 * 1024

interface FileSecret {
  kind: FileKind
  mediaKey: Uint8Array
}

/** Encrypts a file, and keeps nothing of it but this. */
export async function sealOf(
  source: AsyncIterable<Uint8Array>,
  { kind, mediaKey, keeps }: FileSecret & { keeps: boolean },
): Promise<FileSeal> {
  const { iv, cipherKey, macKey } = keysOf(kind, mediaKey)
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const hmac = createHmac('sha256', macKey).update(iv)
  const hash = createHash('sha256')
  const kept = keeps ? ([] as Buffer[]) : undefined
  const add = (part: Buffer) => {
    hmac.update(part)
    hash.update(part)
    kept?.push(part)
  }
  for await (const chunk of source) add(cipher.update(chunk))
  add(cipher.final())
  const mac = hmac.digest().subarray(0, MAC_BYTES)
  kept?.push(mac)
  return { hash: hash.update(mac).digest(), mac, ...(kept ? { kept } : {}) }
}

/** The file as the hosts have it, chunk by chunk: hashing is most of the work, and `sealOf` has done it. */
export async function* encrypted(
  source: AsyncIterable<Uint8Array>,
  { kind, mediaKey, mac }: FileSecret & Pick<FileSeal, 'mac'>,
): AsyncGenerator<Uint8Array> {
  const { iv, cipherKey } = keysOf(kind, mediaKey)
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  for await (const chunk of source) yield cipher.update(chunk)
  yield Buffer.concat([cipher.final(), mac])
}

/**
 * The plain file, chunk by chunk. It ends only when length, MAC and both hashes are right, and with an error otherwise: what came
 * before that is not to be trusted.
 *
 * @throws BrokenFile
 */
export async function* decrypted(
  source: AsyncIterable<Uint8Array>,
  { kind, mediaKey, fileSha256, fileEncSha256, bytes }: ExpectedFile & { mediaKey: Uint8Array },
): AsyncGenerator<Uint8Array> {
  const { iv, cipherKey, macKey } = keysOf(kind, mediaKey)
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  const mac = createHmac('sha256', macKey).update(iv)
  const [plainHash, encryptedHash] = [createHash('sha256'), createHash('sha256')]
  const expected = bytes === undefined ? Number.POSITIVE_INFINITY : encryptedLengthOf(bytes)
  // The MAC at the end is no ciphertext, and only the end of the source tells where it begins: its bytes stay until more come.
  const memory = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, expected) + MAC_BYTES)
  let [length, filled] = [0, 0]
  const opened = () => {
    const ciphertext = memory.subarray(0, Math.max(filled - MAC_BYTES, 0))
    mac.update(ciphertext)
    const part = decipher.update(ciphertext)
    plainHash.update(part)
    memory.copyWithin(0, ciphertext.length, filled)
    filled -= ciphertext.length
    return part
  }
  for await (const chunk of source) {
    length += chunk.length
    if (length > expected) throw new BrokenFile('The host sent more than the message says')
    encryptedHash.update(chunk)
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + memory.length - filled)
      memory.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled === memory.length) yield opened()
    }
  }
  const rest = opened()
  if (rest.length > 0) yield rest
  const tail = memory.subarray(0, filled)
  if (bytes !== undefined && length !== expected) throw new BrokenFile('The host sent less than the message says')
  if (!isSame(encryptedHash.digest(), fileEncSha256)) throw new BrokenFile('The encrypted file has another hash')
  if (!isSame(mac.digest().subarray(0, MAC_BYTES), tail)) throw new BrokenFile('The MAC does not fit the file')
  const last = finalOf(decipher)
  if (!isSame(plainHash.update(last).digest(), fileSha256)) throw new BrokenFile('The file has another hash')
  if (last.length > 0) yield last
}

/**
 * As `decrypted`, of a file that nobody has encrypted.
 *
 * @throws BrokenFile
 */
export async function* compared(
  source: AsyncIterable<Uint8Array>,
  { fileSha256, bytes = Number.POSITIVE_INFINITY }: Pick<ExpectedFile, 'fileSha256' | 'bytes'>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > bytes) throw new BrokenFile('The host sent more than the message says')
    hash.update(chunk)
    yield chunk
  }
  if (Number.isFinite(bytes) && length !== bytes) throw new BrokenFile('The host sent less than the message says')
  if (!isSame(hash.digest(), fileSha256)) throw new BrokenFile('The file has another hash')
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
