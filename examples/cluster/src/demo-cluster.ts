import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { type Simulator, startSimulator } from '@trunkline/simulator'
import { MongoClient } from 'mongodb'
import { findNatsServer, NatsServer } from '../../../packages/nats-bus/test/nats-server.js'
import { IpcHub } from '../../../packages/server/src/workers/ipc-hub.js'
import { ServerProcess } from './server-process.js'

export const ADMIN = { email: 'admin@example.com', password: randomBytes(9).toString('base64url') }

/** What joins the servers: a NATS, or else this process itself. */
export type Joint = { kind: 'nats'; nats: NatsServer } | { kind: 'ipc'; hub: IpcHub; why: string }

/** Servers on one MongoDB, joined by a NATS where there is one, and a simulated WhatsApp; nothing of it is there afterwards. */
export class DemoCluster {
  readonly simulator: Simulator
  readonly joint: Joint
  readonly #folder: string
  readonly #uri: string
  readonly #store: Store
  readonly #jwtSecret = randomBytes(32).toString('hex')
  #nodes: ServerProcess[] = []

  private constructor(parts: { simulator: Simulator; joint: Joint; folder: string; uri: string }) {
    this.simulator = parts.simulator
    this.joint = parts.joint
    this.#folder = parts.folder
    this.#uri = parts.uri
    this.#store = createMongoStore({ uri: parts.uri })
  }

  /** `ipc`: without a NATS also where there is one. @throws naming what this machine lacks */
  static async start(mongoUri: string | undefined, { ipc = false } = {}): Promise<DemoCluster> {
    if (!mongoUri) throw new Error('There is no MongoDB: neither MONGODB_URI, nor mongod, nor Java 17 with Maven')
    const uri = new URL(mongoUri)
    // A database of its own: accounts of real phones must never meet the simulator.
    uri.pathname = `/trunkline-cluster-demo-${randomBytes(4).toString('hex')}`
    const [simulator, joint, folder] = await Promise.all([
      startSimulator(),
      joinBy({ ipc }),
      mkdtemp(join(tmpdir(), 'trunkline-cluster-')),
    ])
    const cluster = new DemoCluster({ simulator, joint, folder, uri: uri.href })
    await cluster.#store.setup()
    return cluster
  }

  /** Those that run. */
  get nodes(): ServerProcess[] {
    return this.#nodes.filter(({ isUp }) => isUp)
  }

  /** One more server; its client has signed in. */
  async join(name: string): Promise<ServerProcess> {
    const { simulator, joint } = this
    const env = {
      PATH: process.env.PATH,
      NODE_OPTIONS: process.env.NODE_OPTIONS,
      JWT_SECRET: this.#jwtSecret,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      DATA_DIR: join(this.#folder, name),
      PORT: '0',
      MONGODB_URI: this.#uri,
      ...(joint.kind === 'nats' ? { NATS_URL: joint.nats.url } : {}),
      LEASE_TTL: '6s',
      WA_WEB_SOCKET_URL: simulator.url,
      WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
      WA_MEDIA_CERT: simulator.mediaCertificate.replaceAll('\n', '\\n'),
    }
    const node = await ServerProcess.start(name, env, joint.kind === 'ipc' ? joint.hub : undefined)
    await node.client.signIn(ADMIN)
    this.#nodes = [...this.nodes, node]
    return node
  }

  /** Which server has each of these sessions, by its name. */
  async ownersOf(sessionIds: readonly string[]): Promise<Map<string, string>> {
    const held = await this.#store.leases.held(sessionIds)
    const names = new Map((await this.#store.leases.members()).map(({ id, name }) => [id, name]))
    return new Map(held.map(({ sessionId, owner }) => [sessionId, names.get(owner) ?? owner]))
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end('SIGKILL')))
    await this.simulator.close()
    if (this.joint.kind === 'nats') await this.joint.nats.kill()
    await this.#store.close()
    const client = await MongoClient.connect(this.#uri)
    await client.db().dropDatabase()
    await client.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function joinBy({ ipc }: { ipc: boolean }): Promise<Joint> {
  const binary = ipc ? undefined : findNatsServer()
  if (binary) return { kind: 'nats', nats: await NatsServer.start(binary) }
  const why = ipc ? 'as asked for' : 'as there is no nats-server, and none could be fetched'
  return { kind: 'ipc', hub: new IpcHub(), why }
}
