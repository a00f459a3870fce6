import { Binary } from 'mongodb'

/** A copy: the driver may send the bytes after the caller has changed them. */
export function toBinary(bytes: Uint8Array): Binary {
  return new Binary(Buffer.from(bytes))
}

/** A copy of the bytes alone: what the driver hands out is a view into the whole answer of the server. */
export function toBytes(binary: Binary): Uint8Array {
  return Uint8Array.from(binary.buffer.subarray(0, binary.position))
}
