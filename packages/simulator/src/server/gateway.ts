import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { WebVersion } from '../rules/version-gate.js'

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024
const PATH = '/ws/chat'
/** Where WhatsApp Web has its service worker, in which its version stands. */
const VERSION_PATH = '/sw.js'

export type UpgradeFault =
  /** Answered by an HTTP status. `keepOpen`: the TCP connection is not closed after it. */
  | { do: 'refuse'; status: number; keepOpen?: boolean }
  /** Accepted by TCP and never answered. */
  | { do: 'hang' }

/** The loopback listener: WebSocket upgrades of clients, and the faults that strike before there is a WebSocket. */
export class Gateway {
  readonly #http: HttpServer
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  readonly #sockets = new Set<Duplex>()
  readonly #onSocket: (socket: WebSocket) => void
  readonly #newestVersion: () => WebVersion
  /** How often the page with the version was asked for. */
  pageViews = 0
  #faults: { fault: UpgradeFault; left: number }[] = []

  constructor({ onSocket, newestVersion }: { onSocket(socket: WebSocket): void; newestVersion(): WebVersion }) {
    this.#onSocket = onSocket
    this.#newestVersion = newestVersion
    this.#http = createServer((request, response) => this.#onRequest(request, response))
    this.#http.on('connection', (socket: Socket) => {
      socket.setNoDelay(true)
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      this.#onUpgrade(request, socket, head)
    })
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(port, '127.0.0.1', () => {
        this.#http.off('error', reject)
        resolve()
      })
    })
  }

  /** `ws://127.0.0.1:PORT/ws/chat` */
  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}${PATH}`
  }

  /** `http://127.0.0.1:PORT/sw.js` */
  get versionUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}${VERSION_PATH}`
  }

  addFault(fault: UpgradeFault, times: number): void {
    this.#faults.push({ fault, left: times })
  }

  clearFaults(): void {
    this.#faults = []
  }

  async close(): Promise<void> {
    this.#webSockets.close()
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (request.url !== VERSION_PATH) return void response.writeHead(426).end()
    this.pageViews += 1
    const [, , revision] = this.#newestVersion()
    response.writeHead(200, { 'content-type': 'application/javascript' })
    response.end(`/*! static */self.__DATA=JSON.parse("{\\"client_revision\\":${revision},\\"x\\":1}");\n`)
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = this.#takeFault()
    if (fault?.do === 'hang') return
    if (fault?.do === 'refuse') {
      refuse(socket, fault.status, fault.keepOpen ?? false)
      return
    }
    if (request.url?.split('?')[0] !== PATH) {
      refuse(socket, 404, false)
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, this.#onSocket)
  }

  #takeFault(): UpgradeFault | undefined {
    const [first] = this.#faults
    if (!first) return undefined
    first.left -= 1
    if (first.left <= 0) this.#faults.shift()
    return first.fault
  }
}

function refuse(socket: Duplex, status: number, keepOpen: boolean): void {
  const connection = keepOpen ? 'keep-alive' : 'close'
  const answer = `HTTP/1.1 ${status} Refused\r\nConnection: ${connection}\r\nContent-Length: 0\r\n\r\n`
  if (keepOpen) socket.write(answer)
  else socket.end(answer)
}
