import { TrunklineError } from '@trunkline/core'
import parseRange from 'range-parser'
import type { Headers } from './auth/authenticator.js'
import type { ApiRequest, ApiResponse } from './request.js'

/** Something that is sent as it is read. */
export interface ByteSource {
  mediaType: string
  /** The whole length in bytes. */
  size: number
  /** Stands for exactly these bytes, a hash of them for example. Without it nobody can go on with an earlier download safely. */
  etag?: string
  headers?: Readonly<Record<string, string>>
  /** The bytes from `start` to `end`, both included. Called once at most; ended early by its `return`, or when `signal` aborts. */
  read(range: { start: number; end: number }, options: { signal?: AbortSignal }): AsyncIterable<Uint8Array>
}

/** All of a source, the one range that was asked for, or nothing when the caller has it already. RFC 9110, sections 13 and 14. */
export function byteResponse(
  source: ByteSource,
  request: Pick<ApiRequest, 'method' | 'headers' | 'signal'>,
): ApiResponse {
  const { size, mediaType } = source
  const etag = source.etag === undefined ? undefined : `"${source.etag}"`
  const shared = { 'accept-ranges': 'bytes', ...source.headers, ...(etag ? { etag } : {}) }
  if (etag && namesTag(request.headers['if-none-match'], etag)) return { status: 304, headers: shared }

  const range = rangeOf(request.headers, { size, etag })
  if (range === 'unsatisfiable') throw new TrunklineError('RANGE_NOT_SATISFIABLE', { details: { size } })
  const { start, end } = range ?? { start: 0, end: size - 1 }
  const headers = {
    ...shared,
    'content-type': mediaType,
    'content-length': String(end - start + 1),
    ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
  }
  const status = range ? 206 : 200
  if (request.method === 'HEAD') return { status, headers }
  return { status, headers, body: source.read({ start, end }, { signal: request.signal }) }
}

/** Several ranges at once are answered with everything, as the RFC lets a server do. */
function rangeOf(headers: Headers, { size, etag }: { size: number; etag: string | undefined }) {
  const { range } = headers
  // Of what has changed meanwhile, or may have, a part would not fit to the rest.
  if (typeof range !== 'string' || (headers['if-range'] !== undefined && headers['if-range'] !== etag)) return undefined
  const ranges = parseRange(size, range)
  if (ranges === -1) return 'unsatisfiable'
  return ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 ? undefined : ranges[0]
}

function namesTag(header: string | string[] | undefined, etag: string): boolean {
  const tags = [header ?? []].flat().flatMap((tag) => tag.split(','))
  return tags.some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}
