import type { Route } from '@trunkline/contract'
import { type Clock, TrunklineError } from '@trunkline/core'
import { BODY_TIMEOUT_MS, within } from './deadline.js'
import { isJson } from './input.js'
import type { ApiRequest } from './request.js'

/** Enough for an e-mail, a password and whatever JSON makes of their signs; strangers may send no more. */
const PUBLIC_LIMIT_BYTES = 8 * 1024

export interface BodyOptions {
  clock: Clock
  /** The largest JSON body taken. */
  limitBytes: number
}

/** Bytes that a route takes as they come. */
export interface Upload {
  mediaType: string
  bytes: AsyncIterable<Uint8Array>
}

/**
 * The body of a request whose caller was let in: what the route takes as a stream, or everything else for `parseBody`.
 *
 * @throws PAYLOAD_TOO_LARGE · REQUEST_TIMEOUT · UNSUPPORTED_MEDIA_TYPE · OPERATION_ABORTED
 */
export async function readBody(
  route: Route,
  request: ApiRequest,
  options: BodyOptions,
): Promise<{ value?: unknown; upload?: Upload }> {
  const { json, bytes } = route.body ?? {}
  if (bytes && !(json && isJson(request.headers))) {
    const mediaType = mediaTypeOf(request)
    if (!bytes.mediaTypes.some((taken) => matches(taken, mediaType))) {
      throw new TrunklineError('UNSUPPORTED_MEDIA_TYPE', {
        message: `The body has to be ${bytes.mediaTypes.join(', ')}`,
      })
    }
    return { upload: { mediaType, bytes: limited(request, { ...options, limitBytes: bytes.maxBytes }) } }
  }
  if (!isStream(request.body)) return { value: request.body }
  const limitBytes = route.access === 'public' ? Math.min(PUBLIC_LIMIT_BYTES, options.limitBytes) : options.limitBytes
  const whole = collect(limited(request, { ...options, limitBytes }))
  return { value: await within(whole, { clock: options.clock, timeoutMs: BODY_TIMEOUT_MS, signal: request.signal }) }
}

/** The bytes as they come, with an end when nothing comes for too long or too much does. */
async function* limited(request: ApiRequest, { clock, limitBytes }: BodyOptions): AsyncGenerator<Uint8Array> {
  const { body, headers, signal } = request
  if (Number(headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
  const chunks = (isStream(body) ? body : once(body))[Symbol.asyncIterator]()
  let bytes = 0
  try {
    for (;;) {
      const next = await within(chunks.next(), { clock, timeoutMs: BODY_TIMEOUT_MS, signal })
      if (next.done) return
      bytes += next.value.length
      if (bytes > limitBytes) throw tooLarge(limitBytes)
      yield next.value
    }
  } finally {
    // Not waited for: a source that hangs would keep the answer.
    chunks.return?.().catch(() => {})
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** What the host has read already. */
async function* once(body: unknown): AsyncGenerator<Uint8Array> {
  if (body === undefined) return
  if (body instanceof Uint8Array) yield body
  else if (typeof body === 'string') yield Buffer.from(body)
  else
    throw new TrunklineError('UNSUPPORTED_MEDIA_TYPE', { message: 'The body was taken for something else by the host' })
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

function mediaTypeOf({ headers }: ApiRequest): string {
  const [mediaType = ''] = String(headers['content-type'] ?? '').split(';')
  return mediaType.trim().toLowerCase()
}

function matches(taken: string, mediaType: string): boolean {
  if (taken === '*/*') return mediaType !== ''
  return taken.endsWith('/*') ? mediaType.startsWith(taken.slice(0, -1)) : mediaType === taken
}

function tooLarge(limitBytes: number): TrunklineError {
  return new TrunklineError('PAYLOAD_TOO_LARGE', { message: `The request body may have ${limitBytes} bytes at most` })
}
