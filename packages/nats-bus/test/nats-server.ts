import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/**
 * Where a nats-server is: `NATS_SERVER_PATH`, else on the PATH, else what `scripts/nats.mjs` has fetched. `undefined` where there is
 * none: then the tests say so, and fail with `REQUIRE_NATS=1`.
 */
export function findNatsServer(): string | undefined {
  const given = process.env.NATS_SERVER_PATH
  if (given) return given
  try {
    return execFileSync('sh', ['-c', 'command -v nats-server'], { encoding: 'utf8' }).trim()
  } catch {
    const folder = new URL('../../../node_modules/.cache/trunkline/nats/', import.meta.url)
    const places = ['usr/sbin/nats-server', 'nats-server'].map((place) => fileURLToPath(new URL(place, folder)))
    return places.find((place) => existsSync(place))
  }
}

/** A real NATS on a port of its own, that can be killed and come back. */
export class NatsServer {
  readonly port: number
  readonly #binary: string
  readonly #parameters: readonly string[]
  #process: ChildProcess | undefined

  private constructor(binary: string, port: number, parameters: readonly string[]) {
    this.#binary = binary
    this.port = port
    this.#parameters = parameters
  }

  static async start(binary: string, parameters: readonly string[] = []): Promise<NatsServer> {
    const server = new NatsServer(binary, await freePort(), parameters)
    await server.start()
    return server
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    this.#process = spawn(this.#binary, ['-a', '127.0.0.1', '-p', `${this.port}`, ...this.#parameters], {
      stdio: 'ignore',
    })
    while (!(await greets(this.port))) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** Stands still, as a machine that is overloaded, until `resume`. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }
}

/** A NATS server says first what it is. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (greeted: boolean) => {
      socket.destroy()
      resolve(greeted)
    }
    socket.once('data', () => end(true))
    socket.once('error', () => end(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
