import { fileOf, formOf } from './file-body.js'
import type { TableRoute } from './table.js'
import type { CallOptions } from './types.js'

/** A call of a method, taken apart. */
export interface Call {
  route: TableRoute
  path: string
  query: Readonly<Record<string, unknown>>
  body: unknown
  options: CallOptions & { accept?: string }
}

/** What a method was called with: parameters of the path, body, query, options. */
export function callOf(route: TableRoute, input: readonly unknown[]): Call {
  const left = [...input]
  const path = route.path.replace(/:(\w+)/g, (_, name) => {
    const value = left.shift()
    // `fetch` would take the dots for steps in the path.
    if (typeof value !== 'string' || ['', '.', '..'].includes(value)) throw new TypeError(`${name} is no id`)
    return encodeURIComponent(value)
  })
  const body = route.takesBody ? left.shift() : undefined
  const query = route.takesQuery ? left.shift() : undefined
  return { route, path, query: Object(query), body, options: Object(left.shift()) }
}

export function urlOf(baseUrl: string, { path, query }: Call): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()
  return `${baseUrl}${path}${search === '' ? '' : `?${search}`}`
}

export interface Payload {
  body?: NonNullable<RequestInit['body']>
  headers: Record<string, string>
  /** A stream can be sent once. */
  isReplayable: boolean
  /** Whether it takes as long as the line needs for it. */
  isUpload?: boolean
}

/** A body as it is sent: bytes as they are, a form when there is a file, and everything else as JSON. */
export function payloadOf(body: unknown): Payload {
  if (body === undefined) return { headers: {}, isReplayable: true }
  if (body instanceof ReadableStream) return { body, headers: OCTETS, isReplayable: false, isUpload: true }
  if (body instanceof Blob) {
    const headers = { 'content-type': body.type || OCTETS['content-type'] }
    return { body, headers, isReplayable: true, isUpload: true }
  }
  if (body instanceof Uint8Array) {
    return { body: body as Uint8Array<ArrayBuffer>, headers: OCTETS, isReplayable: true, isUpload: true }
  }
  const input = fileOf(Object(body))
  if (input) {
    const { file: _file, media: _media, ...fields } = body as Record<string, unknown>
    const { mediaType, ...form } = formOf(fields, input)
    return { ...form, headers: { 'content-type': mediaType }, isUpload: true }
  }
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, isReplayable: true }
}

const OCTETS = { 'content-type': 'application/octet-stream' }
