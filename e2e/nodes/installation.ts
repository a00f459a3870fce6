import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@trunkline/client'
import type { Store } from '@trunkline/core'
import type { ClusterNode, Lease } from '@trunkline/core/store'
import { createMongoStore } from '@trunkline/mongo-store'
import { type Simulator, startSimulator } from '@trunkline/simulator'
import { MongoClient } from 'mongodb'
import { io } from 'socket.io-client'
import { findNatsServer, NatsServer } from '../../packages/nats-bus/test/nats-server.js'
import { TcpProxy } from '../tcp-proxy.js'

const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))
const stumbling = new URL('stumbling.mjs', import.meta.url).href
const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }
/** Short, so that a test does not wait long for the sessions of a node that was killed. */
export const LEASE_TTL_MS = 6_000

/** What is wrong with a server from its start on. */
export interface Stumbles {
  /** Its wall clock is ahead of that of the others. */
  clockMs?: number
  /** Constants that are others in it, by the end of the path of their source: what would take too long in a test, for example. */
  constants?: Readonly<Record<string, { name: string; value: string }>>
}

/** What it says to others is of another version than 1. */
export function otherProtocol(version: number): Stumbles {
  return { constants: { '/core/src/cluster/message.ts': { name: 'VERSION', value: `${version}` } } }
}

interface NodeParts {
  name: string
  url: string
  child: ChildProcess
  exit: Promise<unknown>
  toStore: TcpProxy
  toNats: TcpProxy
}

/** One server of several, in a process of its own. */
export class ServerNode {
  readonly name: string
  readonly url: string
  readonly client: Client
  /** Its way to MongoDB, which nobody else takes. */
  readonly toStore: TcpProxy
  readonly toNats: TcpProxy
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>

  constructor({ name, url, child, exit, toStore, toNats }: NodeParts) {
    this.name = name
    this.url = url
    this.client = createClient({ baseUrl: `${url}/api`, live: { io } })
    this.toStore = toStore
    this.toNats = toNats
    this.#child = child
    this.#exit = exit
  }

  get isUp(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }

  /** As a deployment ends it. */
  async end(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exit
  }

  /** Stands still, as a machine that was put to sleep, until `resume`. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** Its event loop does nothing else for so long. */
  block(blockMs: number): void {
    this.#child.send({ blockMs })
  }

  /** Somebody sets its wall clock. */
  setAhead(clockMs: number): void {
    this.#child.send({ clockMs })
  }

  async close(): Promise<void> {
    this.resume()
    this.client.close()
    await this.kill()
    await this.toStore.close()
    await this.toNats.close()
  }
}

/** Servers on one MongoDB that are joined by NATS, and a simulated WhatsApp. */
export class Installation {
  readonly simulator: Simulator
  readonly nats: NatsServer
  readonly nodes: ServerNode[] = []
  readonly #uri: string
  readonly #folder: string
  /** One more, to look at what is stored. */
  readonly #store: Store

  private constructor(parts: { simulator: Simulator; nats: NatsServer; uri: string; folder: string }) {
    this.simulator = parts.simulator
    this.nats = parts.nats
    this.#uri = parts.uri
    this.#folder = parts.folder
    this.#store = createMongoStore({ uri: parts.uri })
  }

  /** What is missing for one, as a sentence. */
  static get lacks(): string | undefined {
    if (!process.env.TEST_MONGODB_URI) return 'no MongoDB is named by TEST_MONGODB_URI (`npm test` does)'
    if (!findNatsServer()) return 'there is no nats-server (`node scripts/nats.mjs` fetches one)'
    return undefined
  }

  /** `nats`: parameters of its server. */
  static async start(
    seed: string,
    { nats: parameters = [] }: { nats?: readonly string[] } = {},
  ): Promise<Installation> {
    const uri = new URL(process.env.TEST_MONGODB_URI ?? '')
    uri.pathname = `/nodes-${randomUUID()}`
    const [simulator, nats, folder] = await Promise.all([
      startSimulator({ seed }),
      NatsServer.start(findNatsServer() ?? '', parameters),
      mkdtemp(join(tmpdir(), 'trunkline-nodes-')),
    ])
    const installation = new Installation({ simulator, nats, uri: uri.href, folder })
    await installation.#store.setup()
    return installation
  }

  /** One more server; its client has signed in. */
  async join(name: string, { clockMs = 0, constants = {} }: Stumbles = {}): Promise<ServerNode> {
    const toStore = await TcpProxy.to(addressOf(this.#uri, 27_017))
    const toNats = await TcpProxy.to(addressOf(this.nats.url, 4_222))
    const options = ['--conditions=dev-source', '--import', 'tsx', '--import', stumbling, cli]
    const child = spawn(process.execPath, options, {
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: process.env.NODE_OPTIONS,
        STUMBLES_CLOCK_MS: String(clockMs),
        STUMBLES_CONSTANTS: JSON.stringify(constants),
        JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        DATA_DIR: join(this.#folder, `${this.nodes.length}`),
        PORT: '0',
        RATE_LIMIT: 'off',
        RATE_LIMIT_ADDRESS: 'off',
        MONGODB_URI: by(toStore, this.#uri),
        NATS_URL: `nats://127.0.0.1:${toNats.port}`,
        NODE_NAME: name,
        LEASE_TTL: `${LEASE_TTL_MS}ms`,
        WA_WEB_SOCKET_URL: this.simulator.url,
        WA_CERT_PUBLIC_KEY: this.simulator.rootPublicKey.toString('hex'),
        WA_MEDIA_CERT: this.simulator.mediaCertificate.replaceAll('\n', '\\n'),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const exit = new Promise((resolve) => child.once('exit', resolve))
    const node = new ServerNode({ name, url: await urlOf(child, exit), child, exit, toStore, toNats })
    await node.client.signIn(ADMIN)
    this.nodes.push(node)
    return node
  }

  /** The name of the server that has the session. */
  async ownerOf(sessionId: string): Promise<string | undefined> {
    const lease = await this.leaseOf(sessionId)
    return (await this.#store.leases.members()).find(({ id }) => id === lease?.owner)?.name
  }

  async leaseOf(sessionId: string): Promise<Lease | undefined> {
    const [lease] = await this.leasesOf([sessionId])
    return lease
  }

  leasesOf(sessionIds: readonly string[]): Promise<Lease[]> {
    return this.#store.leases.held(sessionIds)
  }

  /** What runs of the session have written to its record and its log. */
  async runsOf(sessionId: string) {
    const [record, { events }] = await Promise.all([
      this.#store.sessions.get(sessionId),
      this.#store.events.read(sessionId, { after: 0, limit: 1_000 }),
    ])
    const { status, statusSince, node, attempts, attemptsLog, errors } = record ?? {}
    const told = events.filter(({ name }) => name === 'session.status' || name === 'connected')
    return { record: { status, statusSince, node, attempts, attemptsLog, errors }, told }
  }

  /** How far their logs are. */
  lastSeqs(sessionIds: readonly string[]): Promise<Map<string, number>> {
    return this.#store.events.lastSeqs(sessionIds)
  }

  /** How far its log is. */
  lastSeq(sessionId: string): Promise<number> {
    return this.#store.events.lastSeq(sessionId)
  }

  members(): Promise<ClusterNode[]> {
    return this.#store.leases.members()
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.close()
    await this.simulator.close()
    await this.nats.kill()
    await this.#store.close()
    const client = await MongoClient.connect(this.#uri)
    await client.db().dropDatabase()
    await client.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function addressOf(url: string, usualPort: number): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port || usualPort) }
}

/** The addresses that a replica set tells would lead past the proxy. */
function by({ port }: TcpProxy, uri: string): string {
  const address = new URL(uri)
  address.host = `127.0.0.1:${port}`
  address.searchParams.set('directConnection', 'true')
  return address.href
}

/** Where the server says it listens. */
function urlOf(child: ChildProcess, exit: Promise<unknown>): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    let isUp = false
    const hear = (chunk: Buffer) => {
      // What it says in an outage is long, and nobody reads it.
      if (isUp) return
      output += chunk
      const [, url] = /"url":"(http:[^"]+)"/.exec(output) ?? []
      if (!url) return
      isUp = true
      resolve(url)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    void exit.then((code) => reject(new Error(`The server ended with ${code}:\n${output}`)))
  })
}
