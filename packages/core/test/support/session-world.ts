import { createMemoryStore, type EventName, type EventOf, type SessionRecord, type Store } from '../../src/index.js'
import { createAuthHandle } from '../../src/manager/auth-handle.js'
import { LiveSession } from '../../src/session/live-session.js'
import { DEFAULT_TIMINGS, type SessionServices } from '../../src/session/services.js'
import { FakeClock } from './fake-clock.js'
import { FakeConnector } from './fake-connector.js'

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** One live session over the memory store, a fake connector and a fake clock. */
export class SessionWorld {
  readonly clock = new FakeClock()
  readonly connector = new FakeConnector()
  readonly store: Store = createMemoryStore({ clock: this.clock })
  readonly events: { name: EventName; event: EventOf<EventName> }[] = []
  readonly session: LiveSession
  leaseHeld = false
  readonly lost: AbortController[] = []
  #epoch = 0

  private constructor(record: SessionRecord) {
    const services: SessionServices = {
      store: this.store,
      connector: this.connector,
      clock: this.clock,
      logger: silent,
      random: () => 0.5,
      acquire: async (sessionId) => {
        if (this.leaseHeld) return undefined
        this.#epoch += 1
        const controller = new AbortController()
        this.lost.push(controller)
        const { signal: lost } = controller
        return {
          auth: createAuthHandle({ auth: this.store.auth, sessionId, epoch: this.#epoch, lost }),
          lost,
          release: async () => {},
        }
      },
      connectTurn: async (signal) => !signal.aborted,
      emit: (name, event) => void this.events.push({ name, event: event as EventOf<EventName> }),
      timings: DEFAULT_TIMINGS,
    }
    this.session = new LiveSession(record, services)
  }

  static async start(): Promise<SessionWorld> {
    const at = '2026-01-01T00:00:00.000Z'
    const record: SessionRecord = {
      id: 's',
      metadata: {},
      settings: {},
      desired: 'stopped',
      status: 'stopped',
      statusSince: at,
      counters: { sent: 0, received: 0, failed: 0, chats: 0 },
      attempts: { count: 0 },
      errors: [],
      attemptsLog: [],
      createdAt: at,
      updatedAt: at,
      revision: 1,
    }
    const world = new SessionWorld(record)
    await world.store.sessions.insert(record)
    return world
  }

  /** The session linked and connected. */
  static async connected(): Promise<SessionWorld> {
    const world = await SessionWorld.start()
    await world.session.start()
    await world.clock.advance(0)
    await world.connector.last.qr()
    await world.connector.last.pair()
    await world.clock.advance(0)
    await world.connector.last.opened()
    await world.clock.advance(0)
    return world
  }

  get statuses(): string[] {
    return this.events.flatMap(({ name, event }) =>
      name === 'session.status' ? [(event as EventOf<'session.status'>).status] : [],
    )
  }
}
