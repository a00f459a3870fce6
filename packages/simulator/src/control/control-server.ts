import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Simulator } from '../simulator.js'
import { jsonValueOf } from '../snapshot/codec.js'
import { SimulatorError, type SimulatorErrorCode } from '../util/errors.js'
import { type FaultDesk, faultOperations } from './fault-operations.js'
import { badInput } from './fields.js'
import type { Operation } from './operation.js'
import { phoneOperations } from './phone-operations.js'
import { refusalOf } from './request-guard.js'
import { simulatorOperations } from './simulator-operations.js'

export interface ControlServer {
  url: string
  close(): Promise<void>
}

const MAX_BODY_BYTES = 32 * 1024 * 1024

const STATUS = {
  BAD_INPUT: 400,
  CLOSED: 409,
  DEVICE_NOT_FOUND: 404,
  GROUP_NOT_FOUND: 404,
  MESSAGE_NOT_FOUND: 404,
  NOT_CONNECTED: 409,
  NOT_REGISTERED: 404,
  PAIRING_CODE_UNKNOWN: 409,
  PAIRING_CODE_WRONG: 422,
  PAIRING_FAILED: 409,
  PASSKEY_REQUIRED: 409,
  PHONE_EXISTS: 409,
  PHONE_NOT_FOUND: 404,
  QR_EXPIRED: 409,
  QR_INVALID: 422,
  QR_UNKNOWN: 409,
  RULE_NOT_FOUND: 404,
  SNAPSHOT_INVALID: 400,
  TIMEOUT: 504,
} satisfies Record<SimulatorErrorCode, number>

/**
 * The simulator over HTTP, for tests in other processes and languages: `GET /<name>` looks, `POST /<name>` acts with a JSON
 * body, by the names of the library. On 127.0.0.1 only.
 */
export async function startControlServer(simulator: Simulator, port: number): Promise<ControlServer> {
  const desk: FaultDesk = { faults: simulator.faults, rules: new Map() }
  const server = createServer((request, response) => {
    void answer({ simulator, desk }, request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Behind {
  simulator: Simulator
  desk: FaultDesk
}

async function answer(behind: Behind, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  try {
    const refusal = refusalOf(request)
    if (refusal) return reply(response, refusal.status, problem(refusal.code, refusal.message))
    const operation = operationFor(behind, request.url ?? '/')
    if (!operation) return reply(response, 404, problem('NOT_FOUND', 'There is no such operation'))
    if (request.method !== operation.verb) {
      response.setHeader('allow', operation.verb)
      return reply(response, 405, problem('METHOD_NOT_ALLOWED', `This is done by ${operation.verb}`))
    }
    const body = operation.verb === 'POST' ? await readBody(request) : undefined
    const result = await operation.answer(body, gone.signal)
    reply(response, result === undefined ? 204 : 200, result)
  } catch (error) {
    if (gone.signal.aborted) return
    if (error instanceof SimulatorError) reply(response, STATUS[error.code], problemOf(error))
    else reply(response, 500, problem('INTERNAL', error instanceof Error ? error.message : String(error)))
  }
}

/** An operation with what it is about. */
interface BoundOperation {
  verb: 'GET' | 'POST'
  answer(body: unknown, signal: AbortSignal): unknown
}

function operationFor({ simulator, desk }: Behind, url: string): BoundOperation | undefined {
  const parts = (url.split('?', 1)[0] ?? '').slice(1).split('/')
  const [first = '', second = '', third = 'info'] = parts
  if (first === 'phones' && (parts.length === 2 || parts.length === 3)) {
    return bound(phoneOperations, third, () => simulator.phone(second))
  }
  if (first === 'faults' && parts.length === 2) return bound(faultOperations, second, () => desk)
  return parts.length === 1 ? bound(simulatorOperations, first || 'info', () => simulator) : undefined
}

function bound<Target>(
  table: Record<string, Pick<Operation<Target, never, unknown>, 'verb' | 'answer'>>,
  name: string,
  target: () => Target,
): BoundOperation | undefined {
  const operation = Object.hasOwn(table, name) ? table[name] : undefined
  return operation && { verb: operation.verb, answer: (body, signal) => operation.answer(target, body, signal) }
}

/** No body is an empty object. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw badInput('body', 'is too large')
    chunks.push(chunk)
  }
  if (size === 0) return {}
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    throw badInput('body', 'must be JSON')
  }
}

const problem = (code: string, message: string, field?: string) => ({ error: { code, message, field } })

const problemOf = ({ code, message, field }: SimulatorError) => problem(code, message, field)

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) {
    response.writeHead(status).end()
    return
  }
  // Bytes in the nodes of recorded stanzas come as `{ $bytes }`, as in a snapshot.
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(jsonValueOf(body)))
}
