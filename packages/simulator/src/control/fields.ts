import { proto } from '@whiskeysockets/baileys'
import { z } from 'zod'
import { SimulatorError } from '../util/errors.js'

/** Schemas of the fields that requests have, with what is said of a value that is wrong: `field` is put before it. */
const TEXT = 'must be a text'
const FLAG = 'must be true or false'

export const text = z.string(TEXT).min(1, TEXT)

export const anyText = z.string(TEXT)

export const flag = z.boolean(FLAG)

export function integer(minimum: number, maximum: number) {
  const message = `must be an integer from ${minimum} to ${maximum}`
  return z.int(message).min(minimum, message).max(maximum, message)
}

export const oneOf = <const T extends string>(choices: readonly T[]) =>
  z.enum(choices, `must be one of ${choices.join(', ')}`)

export const list = <T extends z.ZodType>(item: T) => z.array(item, 'must be a list')

/** What is not in the shape is refused: it would be a mistyped name. */
export const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape, 'must be an object')

/** Bytes as hexadecimal digits. */
export const hexBytes = z
  .string('must be bytes in hexadecimal digits')
  .regex(/^([0-9a-f]{2})*$/i, 'must be bytes in hexadecimal digits')
  .transform((digits) => Buffer.from(digits, 'hex'))

/** Bytes as base64. */
export const base64Bytes = z.base64('must be bytes in base64').transform((text) => Buffer.from(text, 'base64'))

/** A message in the JSON form of its protobuf: bytes in base64. */
export const messageContent = z
  .custom<object>(isMessage, 'must be a message as its protobuf in JSON')
  .transform(toMessage)

function isMessage(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    toMessage(value)
    return true
  } catch {
    return false
  }
}

function toMessage(value: object): proto.IMessage {
  return proto.Message.fromObject(value)
}

export const badInput = (field: string, message: string): SimulatorError =>
  new SimulatorError('BAD_INPUT', `${field} ${message}`, { field })

/** Throws `BAD_INPUT` with the name of the field. */
export function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw badInputOf(result.error.issues)
}

type Issues = readonly z.core.$ZodIssue[]

/** A name that is not known says most: it may be why another is missing. */
function badInputOf(issues: Issues, path: readonly PropertyKey[] = []): SimulatorError {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (!issue) return badInput(fieldOf(path), 'is not right')
  const place = [...path, ...issue.path]
  if (issue.code === 'unrecognized_keys') return badInput(fieldOf([...place, issue.keys[0] ?? '']), 'is not known here')
  if (issue.code === 'invalid_union') {
    const nearest = nearestOf(issue.errors)
    if (nearest) return badInputOf(nearest, place)
  }
  return badInput(fieldOf(place), issue.message)
}

/** The form that the value comes closest to; of two that are as close, the last. */
const nearestOf = (forms: readonly Issues[]): Issues | undefined =>
  forms.reduce<Issues | undefined>((best, form) => (best && best.length < form.length ? best : form), undefined)

/** `chats[0].messages[0].at` */
function fieldOf(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
  return parts.join('').replace(/^\./, '') || 'body'
}
