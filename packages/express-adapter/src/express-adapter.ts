import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ApiOptions, type ApiResponse, createApi, type Manager, problemResponse } from '@trunkline/api'
import { readBody } from './read-body.js'

export type ExpressAdapterOptions = ApiOptions & {
  /** The largest request body taken; 1 MiB unless given. */
  bodyLimitBytes?: number
}

/** A request as Express 4 and 5 hand it to a mounted function; `url` is what is left below the mount. */
export type ExpressRequest = IncomingMessage & { ip?: string | undefined; body?: unknown }

export type ExpressHandler = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024

/**
 * Trunkline's HTTP interface for `app.use('/api', …)`, on Express 4.21+ and 5. Answers everything below its mount, unknown
 * routes included; works before and after `express.json()`.
 *
 * @throws CONFIG_INVALID for a `jwtSecret` under 32 bytes
 */
export function createExpressAdapter(manager: Manager, options: ExpressAdapterOptions): ExpressHandler {
  const api = createApi(manager, options)
  const limitBytes = options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES

  return (request, response, next) => {
    answer(request, response).catch(next)
  }

  async function answer(request: ExpressRequest, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const read = await readBody(request, { limitBytes })
    if (gone.signal.aborted) return
    if (read.refusal) return write(response, problemResponse(read.refusal))

    // Split by hand: `URL` would take `//host/…` for another host and resolve `..` away.
    const [, path = '/', search = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(request.url ?? '') ?? []
    const { method = 'GET', headers, ip } = request
    const query = new URLSearchParams(search)
    write(response, await api.handle({ method, path, query, headers, body: read.body, ip, signal: gone.signal }))
  }
}

function write(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
