import type { Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'

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
    // `http.close` would cut off connections whose request is still on its way to us; here they get the time of one look.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(this.#http, () => resolve()))
    const idle = setInterval(() => this.#http.closeIdleConnections(), 50)
    const deadline = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, DRAIN_MS)
    await closed
    this.#http.close()
    clearInterval(idle)
    clearTimeout(deadline)
  }
}
