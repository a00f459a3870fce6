import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { AddressGuard } from '../util/address-guard.js'
import { AddressRefused, guardedLookup } from '../util/guarded-lookup.js'

const MAX_REDIRECTS = 5

export interface GuardedFetchOptions {
  guard: AddressGuard
  /** More than this is refused, before the first byte where the server says how much it is. */
  maxBytes: number
  /** A server that says nothing for this long is given up. */
  silenceMs: number
  signal?: AbortSignal | undefined
  /** How names are resolved: as Node.js does unless given. */
  lookup?: LookupFunction | undefined
}

/** A file that somebody else has named by a URL. */
export interface FetchedFile {
  /** Where it was found in the end. */
  url: string
  mediaType?: string
  chunks: AsyncIterable<Uint8Array>
}

/**
 * Fetches what a caller names, and nothing that only this machine or its network can reach: every hop is checked, by its name or
 * address before it is asked and by the address that its name has when it is connected to.
 *
 * @throws URL_REFUSED · URL_FAILED · PAYLOAD_TOO_LARGE · OPERATION_ABORTED
 */
export async function guardedFetch(given: string, options: GuardedFetchOptions): Promise<FetchedFile> {
  let url = admitted(given, options.guard)
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const { asking, response } = await ask(url, options)
    const { statusCode = 0, headers } = response
    if (statusCode === 200) {
      if (Number(headers['content-length'] ?? 0) > options.maxBytes) {
        asking.destroy()
        throw new TrunklineError('PAYLOAD_TOO_LARGE', { message: `media: more than ${options.maxBytes} bytes` })
      }
      const mediaType = headers['content-type']
      return { url: url.href, ...(mediaType ? { mediaType } : {}), chunks: chunksOf(asking, response, options) }
    }
    asking.destroy()
    if (statusCode < 300 || statusCode >= 400 || !headers.location || !URL.canParse(headers.location, url.href))
      throw failed(`It answered ${statusCode}`)
    url = admitted(new URL(headers.location, url).href, options.guard)
  }
  throw failed('It leads from one address to the next')
}

/** Encoded and shortened addresses (`0x7f.1`, `2130706433`) are written out by the parser of URLs. */
function admitted(given: string, guard: AddressGuard): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw refused('It has to begin with https:// or http://')
  if (url.username || url.password) throw refused('It must not have a user or a password')
  if (!guard.admitsHost(url.hostname)) throw refused('It is at an inside address')
  return url
}

function ask(
  url: URL,
  { guard, silenceMs, signal, lookup }: GuardedFetchOptions,
): Promise<{ asking: ClientRequest; response: IncomingMessage }> {
  const request = url.protocol === 'https:' ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      // No connection that somebody else has opened: its address was not checked.
      agent: false,
      lookup: guardedLookup(guard, lookup),
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Trunkline' },
      timeout: silenceMs,
      ...(signal ? { signal } : {}),
    })
    asking
      .on('timeout', () => asking.destroy(new Error('The server said nothing for too long')))
      .on('error', (cause) => reject(asTold(cause, signal)))
      .once('response', (response) => resolve({ asking, response }))
      .end()
  })
}

async function* chunksOf(
  asking: ClientRequest,
  response: IncomingMessage,
  { signal }: GuardedFetchOptions,
): AsyncGenerator<Uint8Array> {
  try {
    yield* response
    if (!response.complete) throw new Error('The connection was cut')
  } catch (cause) {
    throw asTold(cause, signal)
  } finally {
    asking.destroy()
  }
}

function asTold(cause: unknown, signal: AbortSignal | undefined): TrunklineError {
  if (signal?.aborted) return new TrunklineError('OPERATION_ABORTED', { cause: signal.reason })
  return cause instanceof AddressRefused ? refused('It is at an inside address', cause) : failed(undefined, cause)
}

function refused(why: string, cause?: unknown): TrunklineError {
  return new TrunklineError('URL_REFUSED', { message: `media.url: ${why}`, cause, details: { field: 'media.url' } })
}

function failed(why = 'It gave no file', cause?: unknown): TrunklineError {
  return new TrunklineError('URL_FAILED', { message: `media.url: ${why}`, cause, details: { field: 'media.url' } })
}
