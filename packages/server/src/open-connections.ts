import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** How long requests that are going on may take once the server closes. */
const DRAIN_MS = 4000

/** Every connection of an HTTP server, those too that became WebSockets and that Node.js forgets about. */
export class OpenConnections {
  readonly #http: Server
  readonly #sockets = new Set<Socket>()

  constructor(http: Server) {
    this.#http = http
    http.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Stops listening, lets requests finish, ends connections that have nothing to say, and after a while all of them. */
  async drain(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    const idle = setInterval(() => this.#http.closeIdleConnections(), 50)
    const deadline = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, DRAIN_MS)
    await closed
    clearInterval(idle)
    clearTimeout(deadline)
  }
}
