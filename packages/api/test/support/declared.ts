import { AREAS, problemSchema } from '@trunkline/contract'
import { openApiDocument } from '@trunkline/contract/openapi'
import { ERRORS } from '@trunkline/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'

// Every test that speaks HTTP hands its answers to `expectDeclared`: what the document does not say fails the test.

const document = openApiDocument({ areas: AREAS, version: '0.0.0', errors: ERRORS })
const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)
ajv.addSchema({ ...(strict(document) as object), $id: 'document' })

const operations = Object.entries(document.paths)
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method, path, segments: path.split('/') })))
  // Fixed parts of a path win over parameters.
  .sort((one, other) => one.path.split('{').length - other.path.split('{').length)

export interface Exchange {
  method: string
  /** Below the mount, with its query or without. */
  target: string
  status: number
  /** By name in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  /** As text, or as its bytes; left out when there is none. */
  body?: string | Uint8Array | undefined
}

/** Fails unless the document allows exactly this answer: its status, media type, fields and code. */
export function expectDeclared({ method, target, status, headers, body }: Exchange): void {
  const mediaType = headers['content-type']?.split(';')[0]
  const pointer = pointerTo(method, target)
  const what = `${method} ${target}: ${status} ${mediaType ?? 'without a body'}`
  // A host with a login of its own does not have the routes of ours.
  const isLeftOut = target.startsWith('/auth/') && codeOf(body) === 'ROUTE_NOT_FOUND'
  if (pointer === undefined || isLeftOut) {
    expectNoRoute({ status, body }, what)
    return
  }

  const answer = lookUp(`${pointer}/responses/${status}`)
  expect(answer, `${what} is no answer of this route`).toBeDefined()
  const content: object = Object(answer?.value.content)
  const mediaTypes = Object.keys(content)
  if (mediaTypes.length === 0 || method === 'HEAD') expect(body || undefined, what).toBeUndefined()
  if (mediaTypes.length > 0 && !mediaTypes.includes('*/*')) expect(mediaTypes, what).toContain(mediaType)
  if (method === 'HEAD' || !mediaType?.endsWith('json')) return
  const validate = ajv.getSchema(`document#${answer?.pointer}/content/${escaped(mediaType)}/schema`)
  validate?.(JSON.parse(String(body)))
  expect(validate?.errors ?? [], what).toEqual([])
}

/** `fetch` of which every answer is checked. `mount`: where the interface stands, `http://127.0.0.1:5000/api` for example. */
export async function declaredFetch(mount: string, target: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(`${mount}${target}`, init)
  const body = await response.clone().text()
  const { status } = response
  const headers = Object.fromEntries(response.headers)
  expectDeclared({ method: init.method ?? 'GET', target, status, headers, body })
  return response
}

/** The same in the place of the global `fetch`, for a client. */
export function declaredFetchOf(mount: string): typeof fetch {
  return (input, init) => declaredFetch(mount, String(input).slice(mount.length), init)
}

/** The body that the document shows for a route, when it takes JSON. */
export function exampleBodyOf(name: string): object | undefined {
  const operation = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .find(({ operationId }) => operationId === name)
  const [example] = Object.values(operation?.requestBody?.content['application/json']?.examples ?? {})
  return example && Object(example.value)
}

/** Of what is no route, and of methods that a route does not take, there is nothing in the document. */
function expectNoRoute({ status, body }: Pick<Exchange, 'status' | 'body'>, what: string): void {
  const allowed = [
    [404, 'ROUTE_NOT_FOUND'],
    [405, 'METHOD_NOT_ALLOWED'],
  ].map(String)
  expect(allowed, what).toContain(String([status, codeOf(body)]))
}

function codeOf(body: Exchange['body']): string | undefined {
  const problem = problemSchema.safeParse(body && JSON.parse(String(body)))
  return problem.data?.code
}

function pointerTo(method: string, target: string): string | undefined {
  const actual = (target.split('?')[0] ?? '').replace(/\/$/, '').split('/')
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase()
  const fits = ({ segments }: { segments: string[] }) =>
    segments.length === actual.length &&
    segments.every((segment, index) => (segment.startsWith('{') ? actual[index] !== '' : segment === actual[index]))
  const path = operations.find(fits)?.path
  const isTaken = operations.some((operation) => operation.path === path && operation.method === wanted)
  return path !== undefined && isTaken ? `/paths/${escaped(path)}/${wanted}` : undefined
}

/** What stands at a place of the document, behind a reference too. */
function lookUp(pointer: string): { pointer: string; value: Record<string, unknown> } | undefined {
  let part: unknown = document
  for (const key of pointer.split('/').slice(1)) part = Object(part)[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  if (typeof part !== 'object' || part === null) return undefined
  const value = part as Record<string, unknown>
  return typeof value.$ref === 'string' ? lookUp(value.$ref.slice(1)) : { pointer, value }
}

/** Answers may gain fields for others; a test knows them all. */
function strict(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(strict)
  if (typeof part !== 'object' || part === null) return part
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, strict(value)]))
  const isOpen = typeof inner.properties === 'object' && !('additionalProperties' in inner)
  return isOpen ? { ...inner, unevaluatedProperties: false } : inner
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
