import { setTimeout as sleep } from 'node:timers/promises'
import { ClientError } from '@trunkline/client'
import type { Phone } from '@trunkline/simulator'
import type { NatsServer } from '../../../packages/nats-bus/test/nats-server.js'
import { Steps } from '../../server/src/demo/steps.js'
import { DemoCluster } from './demo-cluster.js'
import type { ServerProcess } from './server-process.js'

const ACCOUNTS = Array.from({ length: 9 }, (_, index) => ({
  id: `account-${index + 1}`,
  number: `1555000100${index + 1}`,
}))
const IDS = ACCOUNTS.map(({ id }) => id)
const LOOK_MS = 50
/** Only how long a step may take on a machine that does other things too. */
const STEP_MS = 180_000

/** What happens to several nodes, on nine accounts: a kill, a drain, a restart of NATS. Answers the exit code. */
export async function runScripted(mongoUri: string | undefined, options: { ipc: boolean }): Promise<number> {
  const steps = new Steps()
  let cluster: DemoCluster | undefined
  try {
    cluster = await steps.run(
      'what they need, and a simulated WhatsApp',
      () => DemoCluster.start(mongoUri, options),
      STEP_MS,
    )
    const { joint } = cluster
    process.stdout.write(
      joint.kind === 'nats'
        ? '          (joined by NATS)\n'
        : `          (joined over this process instead of NATS, ${joint.why}: what is about NATS is left out)\n`,
    )
    await new Play(steps, cluster).run()
    process.stdout.write(`${steps.total}  in all: everything worked\n`)
    return 0
  } catch (error) {
    process.stderr.write(`Failed at: ${steps.current}\n${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    await cluster?.close()
  }
}

class Play {
  readonly #steps: Steps
  readonly #cluster: DemoCluster
  readonly #phones = new Map<string, Phone>()
  readonly #sent: string[] = []
  #customer: Phone | undefined

  constructor(steps: Steps, cluster: DemoCluster) {
    this.#steps = steps
    this.#cluster = cluster
  }

  async run(): Promise<void> {
    const { joint } = this.#cluster
    await this.#step('three servers', () =>
      Promise.all(['one', 'two', 'three'].map((name) => this.#cluster.join(name))),
    )
    await this.#step('nine accounts linked, each by one server while another shows its QR', () => this.#link())
    await this.#step('each sends by every server', () => this.#sendByAll('hello'))

    const killed = await this.#busiest()
    await this.#step(`${killed.name} is killed: its accounts are elsewhere`, async () => {
      await killed.end('SIGKILL')
      await this.#allConnected()
    })
    await this.#step('each sends by every server that is left', () => this.#sendByAll('after the kill'))
    await this.#step(`${killed.name} is there again`, () => this.#cluster.join(killed.name))

    const drained = await this.#busiest()
    await this.#step(`${drained.name} is deployed anew (SIGTERM): its accounts are elsewhere`, async () => {
      await drained.end('SIGTERM')
      await this.#allConnected()
    })
    await this.#step(`${drained.name} is there again, and each sends by every server`, async () => {
      await this.#cluster.join(drained.name)
      await this.#sendByAll('after the drain')
    })

    if (joint.kind === 'nats') await this.#withoutNats(joint.nats)
    await this.#step('nothing was lost, doubled or scanned again', () => this.#check())
  }

  async #withoutNats(nats: NatsServer): Promise<void> {
    await this.#step('NATS is killed: accounts stay, and calls for other servers are refused at once', async () => {
      await nats.kill()
      await this.#refusedByOthers()
      await this.#allConnected()
    })
    await this.#step('NATS is back: each sends by every server', async () => {
      await nats.start()
      await this.#sendByAll('after NATS came back')
    })
  }

  #step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    return this.#steps.run(name, work, STEP_MS)
  }

  async #link(): Promise<void> {
    const { simulator, nodes } = this.#cluster
    this.#customer = await simulator.createPhone({ number: '15550002000', name: 'Customer' })
    for (const { id, number } of ACCOUNTS) this.#phones.set(id, await simulator.createPhone({ number, name: id }))
    await Promise.all(
      IDS.map(async (id, index) => {
        await at(nodes, index).client.sessions.create({ id })
        // On a busy machine a connection may have ended with its QR: there is a next one.
        await until(() => this.#scan(id, at(nodes, index + 1)))
      }),
    )
    await this.#allConnected()
  }

  /** By a server that does not run it. */
  async #scan(id: string, { client }: ServerProcess): Promise<boolean> {
    try {
      await this.#phones.get(id)?.scanQr((await client.sessions.getQr(id)).qr)
      return true
    } catch {
      return false
    }
  }

  /** Every account is connected on a server that runs, and WhatsApp has one connection of each. */
  async #allConnected(): Promise<void> {
    const { simulator } = this.#cluster
    await until(async () => {
      const owners = await this.#cluster.ownersOf(IDS)
      const names = this.#cluster.nodes.map(({ name }) => name)
      const { items } = await at(this.#cluster.nodes, 0).client.sessions.list({ limit: 50 })
      const isOwned = IDS.every((id) => names.includes(owners.get(id) ?? ''))
      const isConnected = items.length === IDS.length && items.every(({ status }) => status === 'connected')
      return isOwned && isConnected && simulator.connections.length === IDS.length
    })
  }

  async #sendByAll(text: string): Promise<void> {
    const { nodes } = this.#cluster
    await Promise.all(IDS.flatMap((id) => nodes.map((node) => this.#send(node, id, `${text}, ${id} by ${node.name}`))))
  }

  /** What is refused for a moment is asked for again, under the same id: nobody sends it twice. */
  async #send({ client }: ServerProcess, sessionId: string, text: string): Promise<void> {
    const to = this.#customer?.number ?? ''
    const message = { to, text, clientMessageId: text.replaceAll(/[^a-z0-9]+/gi, '-') }
    await until(() => client.messages.send(sessionId, message).then(() => true, isForNow))
    await this.#customer?.waitForMessage(text)
    this.#sent.push(text)
  }

  async #refusedByOthers(): Promise<void> {
    const owners = await this.#cluster.ownersOf(IDS)
    for (const { client, name } of this.#cluster.nodes) {
      const other = IDS.find((id) => owners.get(id) !== name) ?? ''
      await until(async () => {
        const asked = client.sessions.restart(other, { maxRetries: 0 })
        return asked.then(
          () => false,
          (error: unknown) => error instanceof ClientError && error.code === 'CLUSTER_UNREACHABLE',
        )
      })
    }
  }

  /** The server that has most of the accounts. */
  async #busiest(): Promise<ServerProcess> {
    const owners = [...(await this.#cluster.ownersOf(IDS)).values()]
    const countOf = ({ name }: ServerProcess) => owners.filter((owner) => owner === name).length
    return at(
      this.#cluster.nodes.toSorted((one, other) => countOf(other) - countOf(one)),
      0,
    )
  }

  async #check(): Promise<void> {
    const { simulator } = this.#cluster
    await simulator.idle()
    for (const text of this.#sent) {
      const count = this.#customer?.messages.filter((message) => message.text === text).length
      if (count !== 1) throw new Error(`The customer has "${text}" ${count} times`)
    }
    for (const [id, phone] of this.#phones)
      if (phone.devices.length !== 1) throw new Error(`${id} has ${phone.devices.length} devices`)
    if (simulator.unhandled.length > 0 || simulator.violations.length > 0)
      throw new Error('WhatsApp was asked something odd')
  }
}

/** Of a session on its way from one server to the next, and of a server that is gone. Anything else is thrown. */
const FOR_NOW: readonly string[] = [
  'LEASE_HELD',
  'LEASE_UNSURE',
  'CLUSTER_UNREACHABLE',
  'SESSION_NOT_CONNECTED',
  'LEASE_LOST',
]

function isForNow(error: unknown): false {
  if (error instanceof ClientError && FOR_NOW.includes(error.code)) return false
  throw error
}

function at(nodes: readonly ServerProcess[], index: number): ServerProcess {
  const node = nodes[index % nodes.length]
  if (!node) throw new Error('No server is left')
  return node
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(LOOK_MS)
}
