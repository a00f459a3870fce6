import { createHash } from 'node:crypto'

/** File systems take names of up to 255 bytes. */
const MAX_PART_LENGTH = 110

const KEY_PREFIX = 'key~'

/**
 * Any text as part of a file name that no file system takes for another one: lower case only, because some do not tell the
 * cases apart, and no character with a meaning. Text that is too long becomes its hash.
 */
export function encodeName(text: string): string {
  const encoded = [...Buffer.from(text)].map(encodeByte).join('')
  if (encoded.length <= MAX_PART_LENGTH) return encoded
  return `#${createHash('sha256').update(text).digest('hex')}`
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte)
  return /[a-z0-9_.@-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`
}

/** The text behind a name, or `undefined` when it is a hash. */
export function decodeName(name: string): string | undefined {
  return name.startsWith('#') ? undefined : decodeURIComponent(name)
}

export function keyFileName(type: string, id: string): string {
  return `${keyFilePrefix(type)}${encodeName(id)}`
}

/** What the names of all keys of a type begin with. */
export function keyFilePrefix(type: string): string {
  return `${KEY_PREFIX}${encodeName(type)}~`
}
