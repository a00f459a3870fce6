import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { problemResponse } from '@trunkline/api'
import { TrunklineError } from '@trunkline/core'

/**
 * What Node.js answers by itself, before a request exists, as problem+json: requests that are no HTTP (400), whose header is
 * too large (431) or does not come in time (408), and such as expect what nobody does (417). The server is made with
 * `requireHostHeader: false`; a request that names no host is refused here.
 */
export function answerParserErrors(http: Server): void {
  /** Connections with an answer under way, into which nothing may be written. */
  const answering = new WeakSet<Socket>()
  http.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    answering.add(request.socket)
    response.once('close', () => answering.delete(request.socket))
  })
  http.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET' || answering.has(socket)) return void socket.destroy()
    socket.end(rawAnswer(problemOf(error.code)))
  })
  http.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, text } = closingAnswer(new TrunklineError('EXPECTATION_FAILED'))
    response.writeHead(status, headers).end(text)
  })
}

/** Whether a request says for whom it is, as HTTP/1.1 demands. */
export function namesHost({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion !== '1.1' || headers.host !== undefined
}

/** @param reason what is wrong with it, without what it held */
export function malformed(reason: string): TrunklineError {
  const errors = [{ field: 'request', message: reason }]
  return new TrunklineError('VALIDATION_FAILED', { message: `The request ${reason}`, details: { errors } })
}

function problemOf(code: string | undefined): TrunklineError {
  if (code === 'HPE_HEADER_OVERFLOW') return new TrunklineError('HEADERS_TOO_LARGE')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new TrunklineError('REQUEST_TIMEOUT')
  return malformed('is not HTTP as this server reads it')
}

function rawAnswer(error: TrunklineError): string {
  const { status, headers, text } = closingAnswer(error)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n')
}

/** The problem, after which the connection ends: nobody knows where another request would begin. */
function closingAnswer(error: TrunklineError): { status: number; headers: Record<string, string>; text: string } {
  const { status, headers, body } = problemResponse(error)
  const text = String(body)
  const around = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', connection: 'close' }
  return { status, headers: { ...headers, ...around, 'content-length': String(Buffer.byteLength(text)) }, text }
}
