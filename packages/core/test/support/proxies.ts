import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A proxy on loopback that asks for a user and a password, and remembers where it was sent. */
export interface TestProxy {
  readonly port: number
  readonly targets: string[]
  close(): Promise<void>
}

const USER = 'user'
const PASSWORD = 'secret'

/** A proxy for CONNECT. */
export async function startHttpProxy(): Promise<TestProxy> {
  const targets: string[] = []
  const server = createHttpServer()
  const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`
  server.on('connect', (request, socket: Socket) => {
    if (request.headers['proxy-authorization'] !== authorization) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    targets.push(request.url ?? '')
    const [host, port] = (request.url ?? '').split(':')
    join(socket, connect(Number(port), host), 'HTTP/1.1 200 Connection established\r\n\r\n')
  })
  return listening(server, targets)
}

/** A SOCKS 5 proxy (RFC 1928) with user and password (RFC 1929). */
export async function startSocksProxy(): Promise<TestProxy> {
  const targets: string[] = []
  const server = createServer(async (socket) => {
    socket.on('error', () => socket.destroy())
    await bytes(socket)
    socket.write(Buffer.from([5, 2]))
    const login = await bytes(socket)
    const welcome = login.equals(Buffer.from(`\x01\x04${USER}\x06${PASSWORD}`, 'latin1'))
    socket.write(Buffer.from([1, welcome ? 0 : 1]))
    if (!welcome) return void socket.end()
    const request = await bytes(socket)
    const host =
      request[3] === 1 ? [...request.subarray(4, 8)].join('.') : request.toString('latin1', 5, request.length - 2)
    const port = request.readUInt16BE(request.length - 2)
    targets.push(`${host}:${port}`)
    join(socket, connect(port, host), Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))
  })
  return listening(server, targets)
}

async function bytes(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk
}

function join(client: Socket, target: Socket, answer: string | Buffer): void {
  target.once('connect', () => {
    client.write(answer)
    client.pipe(target)
    target.pipe(client)
  })
  for (const [one, other] of [
    [client, target],
    [target, client],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

async function listening(server: Server, targets: string[]): Promise<TestProxy> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
