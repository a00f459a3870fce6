import { proto } from '@whiskeysockets/baileys'
import { SimulatorError } from '../util/errors.js'

/** Reads one value of a request, or throws `BAD_INPUT` with the name of the field. */
export type Field<T> = (value: unknown, name: string) => T
export type Shape = Record<string, Field<unknown>>
export type Input<S extends Shape> = { [Name in keyof S]: ReturnType<S[Name]> }

export const badInput = (field: string, message: string): SimulatorError =>
  new SimulatorError('BAD_INPUT', `${field} ${message}`, { field })

/** What is not in the shape is refused: it would be a mistyped name. What is left out stays out. */
export function readInput<S extends Shape>(shape: S, input: unknown, path = ''): Input<S> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw badInput(path || 'body', 'must be an object')
  }
  const prefix = path ? `${path}.` : ''
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(shape, name))
  if (unknown !== undefined) throw badInput(`${prefix}${unknown}`, 'is not known here')
  const values = Object.entries(shape).map(([name, field]) => {
    const value: unknown = Reflect.get(input, name)
    return [name, field(value, `${prefix}${name}`)] as const
  })
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Input<S>
}

export const optional =
  <T>(field: Field<T>): Field<T | undefined> =>
  (value, name) =>
    value === undefined ? undefined : field(value, name)

export const text: Field<string> = (value, name) => {
  if (typeof value === 'string' && value !== '') return value
  throw badInput(name, 'must be a text')
}

export const anyText: Field<string> = (value, name) => {
  if (typeof value === 'string') return value
  throw badInput(name, 'must be a text')
}

export const flag: Field<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value
  throw badInput(name, 'must be true or false')
}

export const integer =
  (minimum: number, maximum: number): Field<number> =>
  (value, name) => {
    if (Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum) return Number(value)
    throw badInput(name, `must be an integer from ${minimum} to ${maximum}`)
  }

export const oneOf =
  <const T extends string>(choices: readonly T[]): Field<T> =>
  (value, name) => {
    const choice = choices.find((each) => each === value)
    if (choice !== undefined) return choice
    throw badInput(name, `must be one of ${choices.join(', ')}`)
  }

export const list =
  <T>(item: Field<T>): Field<T[]> =>
  (value, name) => {
    if (Array.isArray(value)) return value.map((each, index) => item(each, `${name}[${index}]`))
    throw badInput(name, 'must be a list')
  }

export const object =
  <S extends Shape>(shape: S): Field<Input<S>> =>
  (value, name) =>
    readInput(shape, value, name)

/** Bytes as hexadecimal digits. */
export const hexBytes: Field<Buffer> = (value, name) => {
  if (typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value)) return Buffer.from(value, 'hex')
  throw badInput(name, 'must be bytes in hexadecimal digits')
}

/** A message in the JSON form of its protobuf: bytes in base64. */
export const messageContent: Field<proto.IMessage> = (value, name) => {
  if (typeof value === 'object' && value !== null) {
    try {
      return proto.Message.fromObject(value)
    } catch {
      // Told below, as any other value that is not a message.
    }
  }
  throw badInput(name, 'must be a message as its protobuf in JSON')
}
