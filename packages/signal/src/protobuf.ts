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

/** Collects fields and joins them once. `undefined` values are left out. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = []

  varint(number: number, value: number | undefined): this {
    if (value === undefined) return this
    this.#parts.push(encodeVarint(number * 8), encodeVarint(value))
    return this
  }

  bytes(number: number, value: Uint8Array | undefined): this {
    if (value === undefined) return this
    this.#parts.push(encodeVarint(number * 8 + 2), encodeVarint(value.length), value)
    return this
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#parts.reduce((length, part) => length + part.length, 0))
    let offset = 0
    for (const part of this.#parts) {
      result.set(part, offset)
      offset += part.length
    }
    return result
  }
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
