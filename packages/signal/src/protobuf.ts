/**
 * The few lines of protobuf that Signal records and messages need: fields of wire type 0 (varint) and 2 (bytes).
 * Reading is strict: whatever does not end exactly at the last byte throws.
 */

export interface Field {
  readonly number: number
  /** The value of a varint field; undefined for bytes. */
  readonly varint?: number
  /** The content of a length-delimited field, a view into the input; undefined for a varint. */
  readonly bytes?: Uint8Array
}

/** Gives the fields in the order they stand in. Fixed-width fields, which Signal's structures do not have, are skipped. */
export function readFields(input: Uint8Array): Field[] {
  const fields: Field[] = []
  let offset = 0

  const varint = (): number => {
    let value = 0
    let scale = 1
    for (let index = 0; index < 10; index++) {
      const byte = input[offset++]
      if (byte === undefined) throw new RangeError('protobuf ends inside a varint')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new RangeError('protobuf varint is longer than ten bytes')
  }

  while (offset < input.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    const wireType = tag % 8
    if (number === 0) throw new RangeError('protobuf field number 0')
    if (wireType === 0) {
      fields.push({ number, varint: varint() })
    } else if (wireType === 2) {
      const length = varint()
      if (length > input.length - offset) throw new RangeError('protobuf field runs over the end')
      fields.push({ number, bytes: input.subarray(offset, offset + length) })
      offset += length
    } else if (wireType === 1 || wireType === 5) {
      offset += wireType === 1 ? 8 : 4
      if (offset > input.length) throw new RangeError('protobuf field runs over the end')
    } else {
      throw new RangeError(`protobuf wire type ${wireType} is not used by Signal`)
    }
  }
  return fields
}

export function lastBytes(fields: readonly Field[], number: number): Uint8Array | undefined {
  return fields.findLast((field) => field.number === number && field.bytes !== undefined)?.bytes
}

export function lastVarint(fields: readonly Field[], number: number): number | undefined {
  return fields.findLast((field) => field.number === number && field.varint !== undefined)?.varint
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
