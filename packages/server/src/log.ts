import type { IncomingMessage, ServerResponse } from 'node:http'
import { requestIdOf } from '@trunkline/api'
import { type Logger, pino } from 'pino'
import { pinoHttp } from 'pino-http'
import { standardOutput } from './log-destination.js'
import { pathPattern } from './path-pattern.js'

export function createLogger(level: string): Logger {
  return pino({ name: 'trunkline', level }, standardOutput())
}

/**
 * One line a request. Headers, bodies and query strings hold tokens and texts, and paths phone numbers and the ids of messages,
 * so none of them is ever in it. Its id is that of the answer and of the problem in it.
 */
export function requestLog(logger: Logger) {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    genReqId: identify,
    autoLogging: { ignore: ({ url }) => QUIET.includes(url ?? '') },
    serializers: { req: describeRequest, res: describeResponse },
    wrapSerializers: false,
    customSuccessMessage: () => 'Request answered',
    customErrorMessage: () => 'Request failed',
  })
}

/** Asked again and again by machines. */
const QUIET = ['/healthz', '/readyz', '/metrics']

/** Gives the request its id, so that the API finds it, and tells it to whoever asked. */
function identify(request: IncomingMessage, response: ServerResponse): string {
  const id = requestIdOf(request.headers)
  request.headers['x-request-id'] = id
  response.setHeader('x-request-id', id)
  return id
}

function describeRequest(request: IncomingMessage & { originalUrl?: string; id?: unknown }) {
  const [path = '/'] = (request.originalUrl ?? request.url ?? '/').split('?')
  return { id: request.id, method: request.method, ...pathPattern(path) }
}

function describeResponse({ statusCode }: ServerResponse) {
  return { status: statusCode }
}
