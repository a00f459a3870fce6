import { createServer, type RequestListener, type Server } from 'node:http'
import type { Configuration } from './environment.js'
import { answerParserErrors } from './parser-errors.js'

export type HttpLimits = Pick<
  Configuration,
  'MAX_CONNECTIONS' | 'HEADERS_TIMEOUT' | 'REQUEST_TIMEOUT' | 'KEEP_ALIVE_TIMEOUT'
>

/** How often Node.js looks whether somebody takes too long; its own 30 s would make a limit of 15 s one of 45. */
const LOOK_MS = 5_000

/**
 * The server's HTTP, with limits for whoever connects: a connection too many is closed before anything is read from it, and what comes
 * too slowly is answered REQUEST_TIMEOUT and ended. WebSockets count as connections and have no more timeouts once they are open.
 */
export function createHttpServer(app: RequestListener, limits: HttpLimits): Server {
  const { MAX_CONNECTIONS, HEADERS_TIMEOUT, REQUEST_TIMEOUT, KEEP_ALIVE_TIMEOUT } = limits
  const http = createServer(
    {
      requireHostHeader: false,
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      connectionsCheckingInterval: Math.min(LOOK_MS, HEADERS_TIMEOUT / 2),
    },
    app,
  )
  http.maxConnections = MAX_CONNECTIONS
  answerParserErrors(http)
  return http
}
