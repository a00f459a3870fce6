import type { RequestBody } from '@trunkline/contract'
import { type FieldError, TrunklineError } from '@trunkline/core'
import { z } from 'zod'
import type { Headers } from './auth/authenticator.js'

/** Far more than any route has: who sends more gets no list of them. */
const MAX_QUERY_PARAMETERS = 50

/** More faults than a person mends at once. */
const MAX_ERRORS = 20
const MAX_FIELD_LENGTH = 300

const NO_FIELDS = z.strictObject({})

/** Half an emoji: what a text that was cut in the middle of one ends in. */
const HALF_PAIR = /\p{Surrogate}/u

/** Repeated parameters are refused, so that no schema ever sees a list where it wants one value. */
export function parseQuery(schema: z.ZodObject | undefined, query: URLSearchParams): Record<string, unknown> {
  const names = new Set<string>()
  const repeated = new Set<string>()
  let count = 0
  for (const name of query.keys()) {
    count += 1
    if (count > MAX_QUERY_PARAMETERS) {
      throw invalid([{ field: 'query', message: `must have at most ${MAX_QUERY_PARAMETERS} parameters` }])
    }
    if (names.has(name)) repeated.add(name)
    names.add(name)
  }
  if (repeated.size > 0) throw invalid([...repeated].map((field) => ({ field, message: 'is given more than once' })))
  return parse(schema ?? NO_FIELDS, Object.fromEntries(query), 'query')
}

export function parseParams(schema: z.ZodObject | undefined, params: Record<string, string>): Record<string, unknown> {
  return parse(schema ?? NO_FIELDS, params, 'path')
}

/** The headers that the route declares, by their names as it writes them. */
export function parseHeaders(schema: z.ZodObject | undefined, headers: Headers): Record<string, unknown> {
  if (!schema) return {}
  const names = Object.keys(schema.shape)
  const given = names.flatMap((name) => {
    const value = headers[name.toLowerCase()]
    return value === undefined ? [] : [[name, value]]
  })
  return parse(schema, Object.fromEntries(given), 'headers')
}

/** Bodies are JSON and nothing else, those that the host's parser read too: a browser form cannot stand in for them. */
export function parseBody({ json: schema, optional }: RequestBody, body: unknown, headers: Headers): unknown {
  const given = isRaw(body) ? fromJson(body, headers) : fromHost(body, headers)
  const value = given === undefined && optional ? {} : given
  return schema ? parse(schema, value, 'body') : parse(NO_FIELDS, value ?? {}, 'body')
}

/** @throws VALIDATION_FAILED with every field that is wrong; values are never repeated in the messages */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, whole: string): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap((issue) => fieldErrors(issue, whole)))
  const broken = brokenTexts(parsed.data, [])
  if (broken.length > 0) throw invalid(broken)
  return parsed.data
}

/** No store and no phone would give them back as they came. */
function brokenTexts(value: unknown, path: string[]): FieldError[] {
  if (typeof value === 'string') {
    return HALF_PAIR.test(value) ? [{ field: path.join('.'), message: 'is not well-formed Unicode' }] : []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => brokenTexts(part, [...path, key]))
}

function fieldErrors(issue: z.core.$ZodIssue, whole: string): FieldError[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_ERRORS).map((key) => ({ field: [...path, key].join('.'), message: 'is not known' }))
  }
  if (issue.code === 'invalid_union') {
    const meant = meantOf(issue.errors)
    if (meant) return meant.flatMap((inner) => fieldErrors({ ...inner, path: [...issue.path, ...inner.path] }, whole))
  }
  // Of a key it is the key's own fault that tells something.
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined
  return [{ field: path.join('.') || whole, message: message ?? issue.message }]
}

/** What is wrong with the one of several shapes that was most likely meant; `undefined` when none is nearer than the others. */
function meantOf(shapes: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const far = (issues: z.core.$ZodIssue[]) => issues.reduce((sum, { path }) => sum + (path.length === 0 ? 10 : 1), 0)
  const [nearest, next] = shapes.toSorted((left, right) => far(left) - far(right))
  return nearest && next && far(nearest) < far(next) ? nearest : undefined
}

function isRaw(body: unknown): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array
}

function fromJson(body: string | Uint8Array, headers: Headers): unknown {
  if (body.length === 0) return undefined
  if (!isJson(headers)) throw notJson()
  if (!isPlain(headers)) {
    throw unsupportedBody('The body must not be compressed')
  }
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw invalid([{ field: 'body', message: 'is not JSON' }])
  }
}

function fromHost(body: unknown, headers: Headers): unknown {
  if (body !== undefined && headers['content-type'] !== undefined && !isJson(headers)) throw notJson()
  return body
}

/** Whether the body comes as it is: nothing here unpacks one. */
export function isPlain(headers: Headers): boolean {
  return /^(?:identity)?$/i.test(String(headers['content-encoding'] ?? ''))
}

export function isJson(headers: Headers): boolean {
  const [mediaType = '', ...parameters] = String(headers['content-type'] ?? '').split(';')
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)/i.exec(parameter)?.[1])
    .find((one) => one !== undefined)
  // JSON is UTF-8 (RFC 8259): read as that, another one would come out as other signs.
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset)) return false
  return /^application\/(?:[\w.-]+\+)?json$/i.test(mediaType.trim())
}

function notJson() {
  return unsupportedBody('The body has to be application/json in UTF-8')
}

export function unsupportedBody(message: string, field = 'body') {
  return new TrunklineError('UNSUPPORTED_MEDIA_TYPE', { message, details: { field } })
}

/** An answer of a bounded size, whatever was sent. */
export function invalid(errors: FieldError[]) {
  const told = errors
    .slice(0, MAX_ERRORS)
    .map(({ field, message }) => ({ field: field.slice(0, MAX_FIELD_LENGTH), message }))
  return new TrunklineError('VALIDATION_FAILED', { details: { errors: told } })
}
