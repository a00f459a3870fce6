import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Which of the two ways of a connection: what is asked of the target, what it answers, or both. */
export type Way = 'both' | 'questions' | 'answers'

/**
 * A port on loopback whose connections lead to another one, with what can happen to them on their way. Nothing that was swallowed is
 * lost: as TCP does it, it arrives when the way is open again, if both ends are there still.
 */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #links = new Set<Link>()
  #swallowed: Way | undefined
  #refuses = false

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client: Socket) => {
      if (this.#refuses) return void client.resetAndDestroy()
      const link = new Link(client, connect(target))
      link.swallow(this.#swallowed)
      this.#links.add(link)
      client.once('close', () => this.#links.delete(link))
    })
  }

  static async to(target: { host: string; port: number }): Promise<TcpProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpProxy(server, target)
  }

  /** All goes through, and what was swallowed arrives. */
  pass(): void {
    this.#swallowed = undefined
    this.#refuses = false
    for (const link of this.#links) link.swallow(undefined)
  }

  /** Nothing arrives, and neither side is told. `andNew: false`: connections that are made from now on are not meant. */
  swallow(way: Way = 'both', { andNew = true } = {}): void {
    if (andNew) this.#swallowed = way
    for (const link of this.#links) link.swallow(way)
  }

  /** Breaks every connection; new ones go through. */
  cut(): void {
    for (const link of this.#links) link.reset()
  }

  /** Breaks every connection, and each that is tried from now on. */
  refuse(): void {
    this.#refuses = true
    this.cut()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.refuse()
    await closed
  }
}

/** One connection. */
class Link {
  readonly #client: Socket
  readonly #target: Socket
  readonly #questions: Lane
  readonly #answers: Lane

  constructor(client: Socket, target: Socket) {
    this.#client = client
    this.#target = target
    this.#questions = new Lane(client, target)
    this.#answers = new Lane(target, client)
  }

  swallow(way: Way | undefined): void {
    this.#questions.carry(way === undefined || way === 'answers')
    this.#answers.carry(way === undefined || way === 'questions')
  }

  reset(): void {
    for (const socket of [this.#client, this.#target]) socket.destroy()
  }
}

/** One direction of a connection, its end included. */
class Lane {
  readonly #from: Socket
  readonly #to: Socket
  #carries = false
  #isOver = false

  constructor(from: Socket, to: Socket) {
    this.#from = from
    this.#to = to
    from.on('error', () => undefined)
    from.once('close', () => {
      this.#isOver = true
      if (this.#carries) to.destroySoon()
    })
  }

  carry(carries: boolean): void {
    if (carries === this.#carries) return
    this.#carries = carries
    if (!carries) this.#from.unpipe(this.#to)
    else if (this.#isOver) this.#to.destroySoon()
    else this.#from.pipe(this.#to)
  }
}
