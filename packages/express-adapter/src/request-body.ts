import { on } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { TrunklineError } from '@trunkline/core'

/** Chunks that wait before the caller is told to wait, by leaving them in the socket. */
const PENDING = { highWaterMark: 4, lowWaterMark: 1 }

/**
 * What the host's body parser made of the body, or the stream of its bytes. A parser that passed this request over (another content
 * type, say) may have set `body` all the same: only whether the stream was read tells.
 */
export function bodyOf(request: IncomingMessage & { body?: unknown }, options: { signal: AbortSignal }): unknown {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  const isEmpty = encoding === undefined && Number(length ?? 0) === 0
  // Parsers make an empty object of no body.
  if (isEmpty && isEmptyObject(request.body)) return undefined
  if (request.readableDidRead || request.readableEnded) return request.body
  return isEmpty ? undefined : bytesOf(request, options)
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Reads nothing before the first chunk is asked for. `signal` ends it, also while somebody waits for a chunk. */
async function* bytesOf(request: IncomingMessage, { signal }: { signal: AbortSignal }): AsyncGenerator<Uint8Array> {
  for await (const [chunk] of on(request, 'data', { ...PENDING, close: ['end', 'close'], signal })) yield chunk
  if (!request.complete) throw new TrunklineError('OPERATION_ABORTED')
}
