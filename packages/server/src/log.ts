import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Logger, pino } from 'pino'
import { pinoHttp } from 'pino-http'
import { standardOutput } from './log-destination.js'
import { pathPattern } from './path-pattern.js'

export function createLogger(level: string): Logger {
  return pino({ name: 'trunkline', level }, standardOutput())
}

/**
 * One line a request. Headers, bodies and query strings hold tokens and texts, and paths phone numbers and the ids of messages,
 * so none of them is ever in it.
 */
export function requestLog(logger: Logger) {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    autoLogging: { ignore: ({ url }) => url === '/healthz' || url === '/readyz' },
    serializers: { req: describeRequest, res: describeResponse },
    wrapSerializers: false,
    customSuccessMessage: () => 'Request answered',
    customErrorMessage: () => 'Request failed',
  })
}

function describeRequest(request: IncomingMessage & { originalUrl?: string; id?: unknown }) {
  const [path = '/'] = (request.originalUrl ?? request.url ?? '/').split('?')
  return { id: request.id, method: request.method, ...pathPattern(path) }
}

function describeResponse({ statusCode }: ServerResponse) {
  return { status: statusCode }
}
