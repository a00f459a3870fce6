import { ClientError, errorOf } from './client-error.js'
import { type Call, payloadOf, urlOf } from './request.js'
import { retryDelay } from './retry.js'
import type { SignIn } from './sign-in.js'

export interface TransportOptions {
  baseUrl: string
  apiKey: string | undefined
  /** Whether a cookie has the refresh token. */
  cookie: boolean
  headers: Readonly<Record<string, string>>
  timeoutMs: number
  maxRetries: number
  fetch: typeof fetch
  now(): number
}

/** Sends calls: signed in, with an end, and again where that is safe. */
export class Transport {
  readonly #options: TransportOptions
  readonly #signIn: SignIn

  constructor(options: TransportOptions, signIn: SignIn) {
    this.#options = options
    this.#signIn = signIn
  }

  /** @throws ClientError for every answer that is none of success */
  async send(call: Call): Promise<Response> {
    const { route, body, options } = call
    const { signal, maxRetries = this.#options.maxRetries } = options
    const payload = payloadOf(body)
    const isKeyed = route.isKeyed && keyOf(call) !== undefined
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#signedIn(call, payload)
      } catch (error) {
        signal?.throwIfAborted()
        const { method } = route
        const { isReplayable } = payload
        const random = Math.random()
        const delayMs = retryDelay({ method, isKeyed, isReplayable, error, tries, maxRetries, random })
        if (delayMs === undefined) throw error
        await sleep(delayMs, signal)
      }
    }
  }

  /** An access token that has ended is swapped, and the call made once more. */
  async #signedIn(call: Call, payload: ReturnType<typeof payloadOf>): Promise<Response> {
    if (call.route.isPublic || this.#options.apiKey !== undefined) return await this.#once(call, payload, undefined)
    const token = await this.#signIn.accessToken()
    try {
      return await this.#once(call, payload, token)
    } catch (error) {
      if (token === undefined || !ClientError.is(error, 'UNAUTHENTICATED') || !payload.isReplayable) throw error
      const next = await this.#signIn.accessToken(token)
      if (next === undefined) throw error
      return await this.#once(call, payload, next)
    }
  }

  async #once(call: Call, payload: ReturnType<typeof payloadOf>, token: string | undefined): Promise<Response> {
    const { baseUrl, timeoutMs, now } = this.#options
    const { route, options } = call
    const { signal } = options
    signal?.throwIfAborted()
    const late = new AbortController()
    // An upload takes as long as its line needs; the server ends one that stands still.
    const limitMs = options.timeoutMs ?? (payload.isUpload ? undefined : timeoutMs)
    const timer = limitMs === undefined ? undefined : setTimeout(() => late.abort(), limitMs)
    try {
      const response = await this.#options.fetch(urlOf(baseUrl, call), {
        method: route.method,
        headers: { ...payload.headers, ...this.#headersOf(call, token) },
        ...(payload.body === undefined ? {} : { body: payload.body }),
        ...(payload.isReplayable ? {} : { duplex: 'half' }),
        ...(this.#takesCookie(call) ? { credentials: 'include' } : {}),
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      } as RequestInit)
      if (!response.ok) throw await errorOf(response, { now: now() })
      return response
    } catch (error) {
      if (ClientError.is(error)) throw error
      signal?.throwIfAborted()
      if (late.signal.aborted)
        throw new ClientError('TIMED_OUT', { message: 'The server did not answer in time', cause: error })
      throw new ClientError('NETWORK_FAILED', { message: 'The server could not be reached', cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  /** No other routes get it, and a page of another port may not send it to all of them. */
  #takesCookie({ path }: Call): boolean {
    return this.#options.cookie && path.startsWith('/auth/')
  }

  #headersOf(call: Call, token: string | undefined): Record<string, string> {
    const { apiKey, headers } = this.#options
    const { route, options } = call
    const key = keyOf(call)
    return {
      accept: options.accept ?? route.accept[0] ?? 'application/json',
      ...(this.#takesCookie(call) ? { 'x-csrf-protection': '1' } : {}),
      ...headers,
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(options.idempotencyKey !== undefined && key !== undefined ? { 'idempotency-key': key } : {}),
      ...options.headers,
    }
  }
}

/** Of the options, or the caller's own id in the body, which does the same. */
function keyOf({ body, options }: Call): string | undefined {
  const { clientMessageId } = Object(body) as { clientMessageId?: string }
  return options.idempotencyKey ?? clientMessageId
}

function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
