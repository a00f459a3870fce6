import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import {
  Agent,
  type Server as HttpServer,
  type IncomingMessage,
  request as requestOver,
  type ServerResponse,
} from 'node:http'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type Duplex, pipeline } from 'node:stream'
import type { Server } from 'socket.io'
import type { WorkerPlace } from './worker-place.js'

const PATH = '/socket.io/'

/**
 * Long-polling asks again and again for one session of Socket.IO, and each time another worker may get it. So the id of a session says
 * which worker has it, and every worker has a door of its own, through which the others bring what is not theirs. The answer closes it.
 */
export async function openSocketDoor(
  http: HttpServer,
  io: Server,
  { slot, folder }: Pick<WorkerPlace, 'slot' | 'folder'>,
): Promise<() => Promise<void>> {
  const agent = new Agent({ keepAlive: true })
  io.engine.generateId = () => `${slot}~${randomBytes(15).toString('base64url')}`
  const away = (request: IncomingMessage) => {
    const owner = slotOf(request)
    return owner === undefined || owner === slot ? undefined : doorOf(folder, owner)
  }
  instead(http, 'request', (request: IncomingMessage, response: ServerResponse) => {
    const door = away(request)
    if (door) relay(request, response, { socketPath: door, agent })
    return door !== undefined
  })
  instead(http, 'upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const door = away(request)
    if (door) relayUpgrade(request, socket, { door, head })
    return door !== undefined
  })
  const path = doorOf(folder, slot)
  // Of the worker that had this place before, and died.
  await rm(path, { force: true })
  const door = createServer((socket) => void http.emit('connection', socket))
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject)
    door.listen({ path, exclusive: true }, resolve)
  })
  return async () => {
    agent.destroy()
    await new Promise((resolve) => door.close(resolve))
  }
}

function doorOf(folder: string, slot: number): string {
  return process.platform === 'win32' ? join('\\\\.\\pipe', folder, String(slot)) : join(folder, `${slot}.sock`)
}

/** Which worker has the session that is asked for. */
function slotOf({ url = '' }: IncomingMessage): number | undefined {
  if (!url.startsWith(PATH)) return undefined
  const [, slot] = /[?&]sid=([1-9]\d?)(?:~|%7E)/i.exec(url) ?? []
  return slot === undefined ? undefined : Number(slot)
}

/** Has `handle` look first; what it does not take goes where it went before. */
function instead<Given extends unknown[]>(
  http: HttpServer,
  event: 'request' | 'upgrade',
  handle: (...given: Given) => boolean,
): void {
  const before = http.listeners(event)
  http.removeAllListeners(event)
  http.on(event, (...given: unknown[]) => {
    if (!handle(...(given as Given))) for (const listener of before) Reflect.apply(listener, http, given)
  })
}

function relay(request: IncomingMessage, response: ServerResponse, to: { socketPath: string; agent: Agent }): void {
  const { method, url, headers } = request
  const onward = requestOver({ ...to, method, path: url, headers })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    pipeline(answer, response, () => {})
  })
  // The worker that had the session is gone, and the session with it: as Socket.IO says it, so that the client begins anew.
  onward.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(400, { 'content-type': 'application/json' }).end(UNKNOWN_SESSION)
  })
  response.once('close', () => onward.destroy())
  pipeline(request, onward, () => {})
}

const UNKNOWN_SESSION = JSON.stringify({ code: 1, message: 'Session ID unknown' })

function relayUpgrade(request: IncomingMessage, socket: Duplex, { door, head }: { door: string; head: Buffer }): void {
  const { method, url, rawHeaders } = request
  const onward = connect(door, () => {
    const fields = rawHeaders.map((part, place) => (place % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('')
    onward.write(`${method} ${url} HTTP/1.1\r\n${fields}\r\n`)
    onward.write(head)
    pipeline(socket, onward, () => {})
    pipeline(onward, socket, () => {})
  })
  onward.on('error', () => socket.destroy())
  socket.on('error', () => onward.destroy())
}
