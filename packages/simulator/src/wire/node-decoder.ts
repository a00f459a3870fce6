import { inflateSync } from 'node:zlib'
import { jidEncode } from '@whiskeysockets/baileys'
import { DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS, TAGS } from '@whiskeysockets/baileys/lib/WABinary/constants.js'
import type { BinaryNode } from './node.js'
import { WireError } from './wire-error.js'

const DEFLATED = 2
const MAX_INFLATED_BYTES = 16 * 1024 * 1024
const MAX_DEPTH = 32
const JID_SERVERS: Record<number, string> = { 0: 's.whatsapp.net', 1: 'lid', 128: 'hosted', 129: 'hosted.lid' }

/**
 * One decrypted frame as a node. Stricter than Baileys' decoder: the frame must decode to its last byte, nesting is
 * bounded, lengths are unsigned. Throws a {@link WireError}.
 */
export function decodeNode(plaintext: Buffer): BinaryNode {
  try {
    const cursor = new Cursor(inflated(plaintext))
    const decoded = readNode(cursor, 0)
    cursor.expectEnd()
    return decoded
  } catch (error) {
    if (error instanceof WireError) throw error
    throw new WireError('frame', error instanceof Error ? error.message : String(error), error)
  }
}

function inflated(plaintext: Buffer): Buffer {
  const flags = plaintext.length > 0 ? plaintext.readUInt8(0) : undefined
  if (flags === 0) return plaintext.subarray(1)
  if (flags === DEFLATED) return inflateSync(plaintext.subarray(1), { maxOutputLength: MAX_INFLATED_BYTES })
  throw new WireError('frame', `flags byte ${flags}`)
}

class Cursor {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  integer(length: 1 | 2 | 3 | 4): number {
    return this.take(length).readUIntBE(0, length)
  }

  take(length: number): Buffer {
    const end = this.#position + length
    if (end > this.#bytes.length) throw new WireError('frame', 'node ends too early')
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }

  expectEnd(): void {
    const rest = this.#bytes.length - this.#position
    if (rest > 0) throw new WireError('frame', `${rest} bytes after the node`)
  }
}

function readNode(cursor: Cursor, depth: number): BinaryNode {
  if (depth > MAX_DEPTH) throw new WireError('frame', 'nodes nested too deep')
  const size = readListSize(cursor, cursor.integer(1))
  if (size === undefined || size === 0) throw new WireError('frame', 'a node is not a list')
  const tag = readString(cursor, cursor.integer(1))
  if (tag === '') throw new WireError('frame', 'a node without a tag')
  const attrs: Record<string, string> = {}
  for (let left = (size - 1) >> 1; left > 0; left--) {
    const name = readString(cursor, cursor.integer(1))
    attrs[name] = readString(cursor, cursor.integer(1))
  }
  return size % 2 === 0 ? { tag, attrs, content: readContent(cursor, depth) } : { tag, attrs }
}

function readContent(cursor: Cursor, depth: number): BinaryNode['content'] {
  const kind = cursor.integer(1)
  const size = readListSize(cursor, kind)
  if (size !== undefined) return Array.from({ length: size }, () => readNode(cursor, depth + 1))
  const length = readByteLength(cursor, kind)
  return length === undefined ? readString(cursor, kind) : Buffer.from(cursor.take(length))
}

function readListSize(cursor: Cursor, kind: number): number | undefined {
  if (kind === TAGS.LIST_EMPTY) return 0
  if (kind === TAGS.LIST_8) return cursor.integer(1)
  return kind === TAGS.LIST_16 ? cursor.integer(2) : undefined
}

function readByteLength(cursor: Cursor, kind: number): number | undefined {
  if (kind === TAGS.BINARY_8) return cursor.integer(1)
  if (kind === TAGS.BINARY_20) return cursor.integer(3) & 0xfffff
  return kind === TAGS.BINARY_32 ? cursor.integer(4) : undefined
}

function readString(cursor: Cursor, kind: number): string {
  const length = readByteLength(cursor, kind)
  if (length !== undefined) return cursor.take(length).toString('utf8')
  switch (kind) {
    case TAGS.LIST_EMPTY:
      return ''
    case TAGS.DICTIONARY_0:
    case TAGS.DICTIONARY_1:
    case TAGS.DICTIONARY_2:
    case TAGS.DICTIONARY_3:
      return token(DOUBLE_BYTE_TOKENS[kind - TAGS.DICTIONARY_0], cursor.integer(1))
    case TAGS.JID_PAIR:
      return readJidPair(cursor)
    case TAGS.AD_JID:
      return readDeviceJid(cursor)
    case TAGS.NIBBLE_8:
      return readPacked(cursor, '0123456789-.', true)
    case TAGS.HEX_8:
      return readPacked(cursor, '0123456789ABCDEF', false)
    default:
      return token(SINGLE_BYTE_TOKENS, kind)
  }
}

function token(dictionary: readonly string[] | undefined, index: number): string {
  const value = dictionary?.[index]
  if (value === undefined) throw new WireError('frame', `token ${index} is not in its dictionary`)
  return value
}

function readJidPair(cursor: Cursor): string {
  const user = readString(cursor, cursor.integer(1))
  const server = readString(cursor, cursor.integer(1))
  if (server === '') throw new WireError('frame', 'a JID without a server')
  return `${user}@${server}`
}

function readDeviceJid(cursor: Cursor): string {
  const server = JID_SERVERS[cursor.integer(1)]
  const device = cursor.integer(1)
  if (server === undefined) throw new WireError('frame', 'a device JID of an unknown domain')
  return jidEncode(readString(cursor, cursor.integer(1)), server as Parameters<typeof jidEncode>[1], device)
}

const PACKED_FILLER = 15

/** Two characters a byte; the highest bit of the length says that the last half byte is filler. */
function readPacked(cursor: Cursor, alphabet: string, fillerOutsideAlphabet: boolean): string {
  const head = cursor.integer(1)
  const odd = head >> 7 === 1
  const halves = [...cursor.take(head & 127)].flatMap((byte) => [byte >> 4, byte & 15])
  if (odd) {
    const filler = halves.pop()
    if (fillerOutsideAlphabet && filler !== PACKED_FILLER) throw new WireError('frame', 'packed text with a bad filler')
  }
  return halves.map((half) => packedCharacter(alphabet, half)).join('')
}

function packedCharacter(alphabet: string, half: number): string {
  const character = alphabet[half]
  if (character === undefined) throw new WireError('frame', `half byte ${half} in packed text`)
  return character
}
