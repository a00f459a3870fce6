import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Api, type ApiOptions, type ApiResponse, createApi, type Manager } from '@trunkline/api'
import { type Clock, systemClock } from '@trunkline/core'
import { bodyOf } from './request-body.js'

export type ExpressAdapterOptions = ApiOptions

/** A request as Express 4 and 5 hand it to a mounted function; `url` is what is left below the mount. */
export type ExpressRequest = IncomingMessage & {
  ip?: string | undefined
  secure?: boolean
  baseUrl?: string
  body?: unknown
}

export type ExpressHandler = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** How long the rest of a body that nobody reads is let come, so that its sender gets to read the answer. */
const LINGER_MS = 5_000

/** Why whatever still waits for a request is told to stop. One for all: the error that a signal makes itself takes a stack each time. */
const OVER = new DOMException('The request is over', 'AbortError')

/**
 * Trunkline's HTTP interface for `app.use('/api', …)`, on Express 4.21+ and 5. Answers everything below its mount, unknown
 * routes included; works before and after `express.json()`.
 *
 * @throws CONFIG_INVALID naming the option that is wrong, such as a `jwtSecret` under 32 bytes
 */
export function createExpressAdapter(manager: Manager, options: ExpressAdapterOptions): ExpressHandler {
  return mount(createApi(manager, options), options.clock ?? systemClock)
}

/** Any interface of this shape as a function for Express. */
export function mount(api: Api, clock: Clock): ExpressHandler {
  return (request, response, next) => {
    answer(request, response).catch(next)
  }

  async function answer(request: ExpressRequest, response: ServerResponse): Promise<void> {
    const over = new AbortController()
    response.once('close', () => over.abort(OVER))
    try {
      // Split by hand: `URL` would take `//host/…` for another host and resolve `..` away.
      const [, path = '/', search = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(request.url ?? '') ?? []
      const { method = 'GET', headers, socket, ip = socket.remoteAddress, secure = false, baseUrl = '' } = request
      const { signal } = over
      const body = bodyOf(request, { signal })
      const query = new URLSearchParams(search)
      await write(
        response,
        await api.handle({ method, path, basePath: baseUrl || '/', query, headers, body, ip, secure, signal }),
        signal,
      )
    } finally {
      over.abort(OVER)
      if (!request.complete) drop(request)
    }
  }

  function drop(request: IncomingMessage): void {
    const cancel = clock.setTimeout(() => request.destroy(), LINGER_MS)
    request.once('end', cancel).once('close', cancel).resume()
  }
}

async function write(
  response: ServerResponse,
  { status, headers, body }: ApiResponse,
  signal: AbortSignal,
): Promise<void> {
  if (response.headersSent || response.destroyed) return
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    response.writeHead(status, body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) })
    response.end(body)
    return
  }
  response.writeHead(status, headers)
  // Those of the host and of `pipeline` are a few more than Node.js takes for a leak.
  response.setMaxListeners(response.getMaxListeners() + 10)
  // What breaks in the middle breaks the connection: the caller must not take a part for the whole.
  await pipeline(Readable.from(body), response, { signal }).catch(() => response.destroy())
}
