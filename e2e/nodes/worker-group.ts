import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@trunkline/client'
import type { Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { type Simulator, startSimulator } from '@trunkline/simulator'
import { MongoClient } from 'mongodb'
import { io } from 'socket.io-client'

const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))
const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }
/** So long that a test would run out of its time if it waited for a lease to run out. */
const LEASE_TTL = '3m'

interface LogLine {
  msg: string
  pid: number
  node?: string
  workerPid?: number
  url?: string
}

/** `trunkline --workers n` in processes of its own, on a MongoDB and a simulated WhatsApp. */
export class WorkerGroup {
  readonly simulator: Simulator
  readonly log: LogLine[] = []
  readonly exit: Promise<unknown[]>
  readonly #primary: ChildProcess
  readonly #uri: string
  readonly #folder: string
  readonly #store: Store
  readonly #clients: Client[] = []
  #heard = new Set<() => void>()
  #token = ''

  private constructor(parts: { simulator: Simulator; primary: ChildProcess; uri: string; folder: string }) {
    this.simulator = parts.simulator
    this.#primary = parts.primary
    this.#uri = parts.uri
    this.#folder = parts.folder
    this.#store = createMongoStore({ uri: parts.uri })
    this.exit = once(parts.primary, 'exit')
    let rest = ''
    parts.primary.stdout?.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('{')) this.log.push(JSON.parse(line))
      for (const hear of this.#heard) hear()
    })
    parts.primary.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  }

  /** What is missing for one, as a sentence. */
  static get lacks(): string | undefined {
    return process.env.TEST_MONGODB_URI ? undefined : 'no MongoDB is named by TEST_MONGODB_URI (`npm test` does)'
  }

  /** Resolves when all of them serve and the admin has signed in. */
  static async start(seed: string, options: { workers: number }): Promise<WorkerGroup> {
    const group = await WorkerGroup.launch(seed, options)
    await group.wrote(({ msg }) => msg === 'All workers listen')
    const { body } = await group.ask('POST', '/auth/login', ADMIN)
    group.#token = body.accessToken ?? ''
    return group
  }

  /** Nothing of it serves yet. */
  static async launch(seed: string, { workers }: { workers: number }): Promise<WorkerGroup> {
    const uri = new URL(process.env.TEST_MONGODB_URI ?? '')
    uri.pathname = `/workers-${randomUUID()}`
    const simulator = await startSimulator({ seed })
    const folder = await mkdtemp(join(tmpdir(), 'trunkline-workers-test-'))
    const options = ['--conditions=dev-source', '--import', 'tsx', cli, '--workers', String(workers)]
    const primary = spawn(process.execPath, options, {
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: process.env.NODE_OPTIONS,
        JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        DATA_DIR: folder,
        PORT: '0',
        MONGODB_URI: uri.href,
        NODE_NAME: 'test',
        LEASE_TTL,
        WA_WEB_SOCKET_URL: simulator.url,
        WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
        WA_MEDIA_CERT: simulator.mediaCertificate.replaceAll('\n', '\\n'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new WorkerGroup({ simulator, primary, uri: uri.href, folder })
  }

  get url(): string {
    return this.log.find(({ url }) => url !== undefined)?.url ?? ''
  }

  /** The processes that serve now, by the names of their nodes. */
  get workers(): Map<string, number> {
    const begun = this.log.flatMap(({ msg, node, workerPid }) =>
      msg === 'A worker listens' && node && workerPid ? [[node, workerPid] as const] : [],
    )
    const ended = this.log.flatMap(({ msg, node }) => (msg.startsWith('A worker has ended; another') ? [node] : []))
    return new Map(begun.filter(([node]) => !ended.includes(node)))
  }

  /** A client whose socket begins as it says, and may go to any of them. */
  async client(transports: ('polling' | 'websocket')[]): Promise<Client> {
    const live = { io: (url: string, options: object) => io(url, { ...options, transports }) }
    const client = createClient({ baseUrl: `${this.url}/api`, live })
    await client.signIn(ADMIN)
    this.#clients.push(client)
    return client
  }

  /** Asks over a connection of its own, which goes to the next of them. */
  async ask(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, string> }> {
    const { status, text } = await this.#ask(method, `/api${path}`, body)
    return { status, body: text ? JSON.parse(text) : {} }
  }

  /** What one of them shows to Prometheus. */
  async metrics(): Promise<string> {
    return (await this.#ask('GET', '/metrics')).text
  }

  async #ask(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` }
    const asking = request(`${this.url}${path}`, { method, headers, agent: false })
    asking.end(body ? JSON.stringify(body) : undefined)
    const [answer] = await once(asking, 'response')
    let text = ''
    for await (const chunk of answer) text += chunk
    return { status: answer.statusCode, text }
  }

  /** The name of the node that has the session. */
  async ownerOf(sessionId: string): Promise<string | undefined> {
    const [lease] = await this.#store.leases.held([sessionId])
    return (await this.#store.leases.members()).find(({ id }) => id === lease?.owner)?.name
  }

  wrote(isIt: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.log.find(isIt)
        if (!found) return
        this.#heard.delete(look)
        resolve(found)
      }
      this.#heard.add(look)
      void this.exit.then(() =>
        reject(new Error(`It ended:\n${this.log.map((line) => JSON.stringify(line)).join('\n')}`)),
      )
      look()
    })
  }

  /** As a deployment ends it. */
  end(): void {
    this.#primary.kill('SIGTERM')
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    this.#primary.kill('SIGKILL')
    await this.exit
    await this.simulator.close()
    await this.#store.close()
    const client = await MongoClient.connect(this.#uri)
    await client.db().dropDatabase()
    await client.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
