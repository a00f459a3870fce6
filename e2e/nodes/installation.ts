import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@trunkline/client'
import type { Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { type Simulator, startSimulator } from '@trunkline/simulator'
import { MongoClient } from 'mongodb'
import { io } from 'socket.io-client'
import { findNatsServer, NatsServer } from '../../packages/nats-bus/test/nats-server.js'

const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))
const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }
/** Short, so that a test does not wait long for the sessions of a node that was killed. */
const LEASE_TTL = '6s'

/** One server of several, in a process of its own. */
export class ServerNode {
  readonly name: string
  readonly url: string
  readonly client: Client
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>

  constructor(name: string, url: string, child: ChildProcess, exit: Promise<unknown>) {
    this.name = name
    this.url = url
    this.client = createClient({ baseUrl: `${url}/api`, live: { io } })
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

  static async start(seed: string): Promise<Installation> {
    const uri = new URL(process.env.TEST_MONGODB_URI ?? '')
    uri.pathname = `/nodes-${randomUUID()}`
    const [simulator, nats, folder] = await Promise.all([
      startSimulator({ seed }),
      NatsServer.start(findNatsServer() ?? ''),
      mkdtemp(join(tmpdir(), 'trunkline-nodes-')),
    ])
    const installation = new Installation({ simulator, nats, uri: uri.href, folder })
    await installation.#store.setup()
    return installation
  }

  /** One more server; its client has signed in. */
  async join(name: string): Promise<ServerNode> {
    const child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', cli], {
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: process.env.NODE_OPTIONS,
        JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        DATA_DIR: join(this.#folder, name),
        PORT: '0',
        MONGODB_URI: this.#uri,
        NATS_URL: this.nats.url,
        NODE_NAME: name,
        LEASE_TTL,
        WA_WEB_SOCKET_URL: this.simulator.url,
        WA_CERT_PUBLIC_KEY: this.simulator.rootPublicKey.toString('hex'),
        WA_MEDIA_CERT: this.simulator.mediaCertificate.replaceAll('\n', '\\n'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exit = new Promise((resolve) => child.once('exit', resolve))
    const node = new ServerNode(name, await urlOf(child, exit), child, exit)
    await node.client.signIn(ADMIN)
    this.nodes.push(node)
    return node
  }

  /** The name of the server that has the session. */
  async ownerOf(sessionId: string): Promise<string | undefined> {
    const [lease] = await this.#store.leases.held([sessionId])
    return (await this.#store.leases.members()).find(({ id }) => id === lease?.owner)?.name
  }

  async close(): Promise<void> {
    for (const node of this.nodes) {
      node.resume()
      node.client.close()
      await node.kill()
    }
    await this.simulator.close()
    await this.nats.kill()
    await this.#store.close()
    const client = await MongoClient.connect(this.#uri)
    await client.db().dropDatabase()
    await client.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** Where the server says it listens. */
function urlOf(child: ChildProcess, exit: Promise<unknown>): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk
      const [, url] = /"url":"(http:[^"]+)"/.exec(output) ?? []
      if (url) resolve(url)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    void exit.then((code) => reject(new Error(`The server ended with ${code}:\n${output}`)))
  })
}
