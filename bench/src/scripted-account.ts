import { ScriptedConnector } from '@trunkline/conformance/testing'
import { createMemoryStore, type ManagerOptions, MultiSessionManager, type Store } from '@trunkline/core'

/** Members of a store that queues, consumers and webhooks need: without them nothing of those is there. */
const WORK = ['jobs', 'cursors', 'webhooks'] as const

export interface ScriptedAccount {
  manager: MultiSessionManager
  /** Hands in a text that somebody writes; resolves when it is stored and told. */
  receive(from: string, text: string): Promise<void>
  /** Sends or queues so many texts to these chats, sixteen at a time; resolves when WhatsApp has taken all of them. */
  send(count: number, options: { chats: readonly string[]; queue?: true }): Promise<void>
  /** How often the store was asked for something until now. */
  calls(): number
  close(): Promise<void>
}

/** An account whose WhatsApp takes everything at once, over the memory store: what is measured is what lies in between. */
export async function scriptedAccount(
  given: 'all' | 'nothing of queues and webhooks',
  options: ManagerOptions = {},
): Promise<ScriptedAccount> {
  // A reader that comes after the messages of a round finds all of them: the memory store keeps 1,000 events unless told otherwise.
  const memory = createMemoryStore({ eventsPerSession: 100_000 })
  const { store, calls } = countedStore(given === 'all' ? memory : withoutWork(memory))
  const connector = new ScriptedConnector()
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error }
  const manager = new MultiSessionManager({ store, connector, logger: silent, connectsPerSecond: 1_000, ...options })
  await manager.create({ id: 's' })
  await until(() => connector.connections.length === 1 && connector.last.isOpen)
  await connector.last.qr()
  await connector.last.pair()
  await until(() => connector.connections.length === 2 && connector.last.linked)
  await connector.last.opened()
  const { last } = connector
  let taken = 0
  let ring = () => {}
  last.onSend = async ({ id }) => {
    void last.emit({ type: 'ack', id }).then(() => {
      taken += 1
      ring()
    })
  }
  return {
    manager,
    calls,
    receive: (from, text) => last.receive({ from, text, at: new Date().toISOString() }),
    async send(count, { chats, queue }) {
      const all = taken + count
      let next = 0
      const sender = async () => {
        while (next < count) {
          const n = next
          next += 1
          await manager.send('s', {
            to: chats[n % chats.length] ?? '',
            text: `message ${n}`,
            ...(queue ? { queue } : {}),
          })
        }
      }
      await Promise.all(Array.from({ length: 16 }, sender))
      while (taken < all) await new Promise<void>((resolve) => (ring = resolve))
    },
    close: () => manager.close(),
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

function withoutWork(store: Store): Store {
  return Object.fromEntries(
    Object.entries(store).filter(([name]) => !WORK.some((one) => one === name)),
  ) as unknown as Store
}

/** The same store. Each call of one of its ports is one that an engine elsewhere would be asked for over a network. */
function countedStore(store: Store): { store: Store; calls(): number } {
  let calls = 0
  const counted = (port: object) =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          calls += 1
          return value.apply(target, given)
        }
      },
    })
  const ports = Object.entries(store).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'object' && value !== null ? counted(value) : value,
  ])
  return { store: Object.fromEntries(ports) as Store, calls: () => calls }
}
