import { type Clock, TrunklineError } from '@trunkline/core'
import { BODY_TIMEOUT_MS, within } from './deadline.js'
import { unsupportedBody } from './input.js'
import type { ApiRequest } from './request.js'

export interface BodyOptions {
  clock: Clock
  /** How many bytes are taken. */
  limitBytes: number
}

/** The bytes as they come, with an end when nothing comes for too long or too much does. */
export async function* limited(
  { body, headers, signal }: Pick<ApiRequest, 'body' | 'headers' | 'signal'>,
  { clock, limitBytes }: BodyOptions,
): AsyncGenerator<Uint8Array> {
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

/** What the host has read already. */
async function* once(body: unknown): AsyncGenerator<Uint8Array> {
  if (body === undefined) return
  if (body instanceof Uint8Array) yield body
  else if (typeof body === 'string') yield Buffer.from(body)
  else throw unsupportedBody('The body was taken for something else by the host')
}

export function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

export function tooLarge(limitBytes: number, what = 'The request body'): TrunklineError {
  return new TrunklineError('PAYLOAD_TOO_LARGE', { message: `${what} may have ${limitBytes} bytes at most` })
}
