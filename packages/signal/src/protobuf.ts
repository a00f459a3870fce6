/**
 * The few lines of protobuf that Signal records and messages need: fields of wire type 0 (varint) and 2 (bytes).
 * Reading is strict: whatever does not end exactly at the last byte throws.
 */

export interface Field {
  readonly number: number
  /** The value of a varint field; undefined for bytes. */
  readonly varint: number | undefined
  /** The content of a length-delimited field, a view into the input; undefined for a varint. */
  readonly bytes: Uint8Array | undefined
}

/** Gives the fields in the order they stand in. Fixed-width fields, which Signal's structures do not have, are skipped. */
export function readFields(input: Uint8Array): Field[] {
  const fields: Field[] = []
  const at: Cursor = { input, offset: 0 }
  while (at.offset < input.length) {
    const tag = readVarint(at)
    const number = Math.floor(tag / 8)
    const wireType = tag % 8
    if (number === 0) throw new RangeError('protobuf field number 0')
    if (wireType === 0) fields.push({ number, varint: readVarint(at), bytes: undefined })
    else if (wireType === 2) fields.push({ number, varint: undefined, bytes: readBytes(at, readVarint(at)) })
    else if (wireType === 1 || wireType === 5) readBytes(at, wireType === 1 ? 8 : 4)
    else throw new RangeError(`protobuf wire type ${wireType} is not used by Signal`)
  }
  return fields
}

interface Cursor {
  readonly input: Uint8Array
  offset: number
}

function readVarint(at: Cursor): number {
  const first = at.input[at.offset]
  if (first !== undefined && first < 0x80) {
    at.offset += 1
    return first
  }
  let value = 0
  let scale = 1
  for (let index = 0; index < 10; index++) {
    const byte = at.input[at.offset++]
    if (byte === undefined) throw new RangeError('protobuf ends inside a varint')
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
    scale *= 128
  }
  throw new RangeError('protobuf varint is longer than ten bytes')
}

function readBytes(at: Cursor, length: number): Uint8Array {
  if (length > at.input.length - at.offset) throw new RangeError('protobuf field runs over the end')
  const bytes = at.input.subarray(at.offset, at.offset + length)
  at.offset += length
  return bytes
}

export function lastBytes(fields: readonly Field[], number: number): Uint8Array | undefined {
  for (let index = fields.length - 1; index >= 0; index--) {
    const field = fields[index]
    if (field?.number === number && field.bytes) return field.bytes
  }
  return undefined
}

export function lastVarint(fields: readonly Field[], number: number): number | undefined {
  for (let index = fields.length - 1; index >= 0; index--) {
    const field = fields[index]
    if (field?.number === number && field.varint !== undefined) return field.varint
  }
  return undefined
}

export function allBytes(fields: readonly Field[], number: number): Uint8Array[] {
  const found: Uint8Array[] = []
  for (const field of fields) if (field.number === number && field.bytes) found.push(field.bytes)
  return found
}

/** Collects fields and writes them at once. `undefined` values are left out. */
export class ProtobufWriter {
  readonly #fields: { tag: number; value: number | Uint8Array }[] = []
  #length = 0

  varint(number: number, value: number | undefined): this {
    if (value === undefined) return this
    return this.#add(number * 8, value, varintLength(value))
  }

  bytes(number: number, value: Uint8Array | undefined): this {
    if (value === undefined) return this
    return this.#add(number * 8 + 2, value, varintLength(value.length) + value.length)
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#length)
    let offset = 0
    for (const { tag, value } of this.#fields) {
      offset = writeVarint(result, offset, tag)
      if (typeof value === 'number') {
        offset = writeVarint(result, offset, value)
      } else {
        offset = writeVarint(result, offset, value.length)
        result.set(value, offset)
        offset += value.length
      }
    }
    return result
  }

  #add(tag: number, value: number | Uint8Array, length: number): this {
    this.#fields.push({ tag, value })
    this.#length += varintLength(tag) + length
    return this
  }
}

function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1
  return length
}

/** Answers where it ends. */
function writeVarint(target: Uint8Array, start: number, value: number): number {
  let offset = start
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) target[offset++] = (rest % 128) + 128
  target[offset++] = rest
  return offset
}
