import { type ErrorCode, HTTP_STATUS } from '../http-status.js'
import type { Answer } from './answers.js'
import type { JsonSchema } from './json-schema.js'

type Errors = Readonly<Record<ErrorCode, { message: string }>>

const RETRY_AFTER = {
  description: 'When to try again: seconds, or a time. Left out when that is not known.',
  schema: { type: 'string' },
} as const

/** Answers with errors, each set of codes written down once. */
export class Problems {
  readonly #responses = new Map<string, Answer>()
  readonly #codes = new Set<ErrorCode>()
  readonly #errors: Errors

  constructor(errors: Errors) {
    this.#errors = errors
  }

  /** What stands in a route for the codes, by status. */
  add(codes: readonly ErrorCode[]): Record<string, { $ref: string }> {
    for (const code of codes) this.#codes.add(code)
    const statuses = new Set(codes.map((code) => HTTP_STATUS[code]))
    const references = [...statuses].sort().map((status) => {
      const name = this.#define(codes.filter((code) => HTTP_STATUS[code] === status))
      return [String(status), { $ref: `#/components/responses/${name}` }]
    })
    return Object.fromEntries(references)
  }

  /** By name. */
  all(): Record<string, Answer> {
    return Object.fromEntries([...this.#responses].sort(([a], [b]) => a.localeCompare(b)))
  }

  /** The schema of each error that was added: a `Problem` with its code. */
  schemas(): Record<string, JsonSchema> {
    return Object.fromEntries(
      [...this.#codes].sort().map((code) => [
        problemName(code),
        {
          description: `${this.#errors[code].message}.`,
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties: { status: { const: HTTP_STATUS[code] }, code: { const: code } },
        },
      ]),
    )
  }

  #define(codes: readonly ErrorCode[]): string {
    const sorted = codes.toSorted()
    const name = sorted.map(pascalCase).join('Or')
    if (!this.#responses.has(name)) this.#responses.set(name, this.#response(sorted))
    return name
  }

  #response(codes: readonly ErrorCode[]): Answer {
    const references = codes.map((code) => ({ $ref: `#/components/schemas/${problemName(code)}` }))
    const [only] = references
    const waits = codes.some((code) => [429, 502, 503].includes(HTTP_STATUS[code]))
    return {
      description: codes.map((code) => `\`${code}\`: ${this.#errors[code].message}.`).join(' '),
      ...(waits ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
      content: {
        'application/problem+json': {
          schema: references.length === 1 && only ? only : { oneOf: references },
          examples: Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code, this.#errors) }])),
        },
      },
    }
  }
}

function exampleProblem(code: ErrorCode, errors: Errors): object {
  const { message } = errors[code]
  return {
    type: `https://github.com/trunkline/trunkline/blob/main/docs/errors.md#${code.toLowerCase()}`,
    title: message,
    status: HTTP_STATUS[code],
    detail: message,
    code,
    ...(code === 'VALIDATION_FAILED' ? { errors: [{ field: 'label', message: 'is not known' }] } : {}),
  }
}

function problemName(code: ErrorCode): string {
  return `${pascalCase(code)}Problem`
}

/** `SESSION_NOT_FOUND` → `SessionNotFound`. */
function pascalCase(code: string): string {
  return code
    .toLowerCase()
    .split('_')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('')
}
