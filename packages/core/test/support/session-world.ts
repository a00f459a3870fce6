import type { EventName, EventOf, SessionRecord, Store } from '../../src/index.js'
import { createAuthHandle } from '../../src/manager/auth-handle.js'
import { createMemoryStore } from '../../src/memory/memory-store.js'
import { LiveSession } from '../../src/session/live-session.js'
import { DEFAULT_TIMINGS, type SessionServices } from '../../src/session/services.js'
import { FakeClock } from './fake-clock.js'
import { FakeConnector } from './fake-connector.js'
import { recordingLogger } from './recording-logger.js'

/** A session that has just been made. */
export function sessionRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const at = '2026-01-01T00:00:00.000Z'
  return {
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
    ...changes,
  }
}

/** One live session over the memory store, a fake connector and a fake clock. */
export class SessionWorld {
  readonly clock = new FakeClock()
  readonly connector = new FakeConnector()
  readonly store: Store = createMemoryStore({ clock: this.clock })
  readonly events: { name: EventName; event: EventOf<EventName> }[] = []
  readonly logger = recordingLogger()
  readonly session: LiveSession
  readonly services: SessionServices
  leaseHeld = false
  storeAnswers = true
  /** Ownerships that were not given back. */
  owned = 0
  readonly lost: AbortController[] = []
  #epoch = 0

  private constructor(record: SessionRecord) {
    this.services = {
      store: this.store,
      connector: this.connector,
      clock: this.clock,
      logger: this.logger,
      random: () => 0.5,
      acquire: async (sessionId) => {
        if (this.leaseHeld) return undefined
        this.#epoch += 1
        this.owned += 1
        const controller = new AbortController()
        this.lost.push(controller)
        const { signal: lost } = controller
        return {
          auth: createAuthHandle({ auth: this.store.auth, sessionId, epoch: this.#epoch, lost, clock: this.clock }),
          lost,
          release: async () => {
            this.owned -= 1
          },
        }
      },
      storeAnswers: () => this.storeAnswers,
      counted: () => {},
      connectTurn: async (signal) => !signal.aborted,
      emit: (name, event) => void this.events.push({ name, event: event as EventOf<EventName> }),
      timings: DEFAULT_TIMINGS,
    }
    this.session = new LiveSession(record, this.services)
  }

  static async start(changes: Partial<SessionRecord> = {}): Promise<SessionWorld> {
    const record = sessionRecord(changes)
    const world = new SessionWorld(record)
    await world.store.sessions.insert(record)
    return world
  }

  /** The session linked and connected. */
  static async connected(changes: Partial<SessionRecord> = {}): Promise<SessionWorld> {
    const world = await SessionWorld.start(changes)
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

  /** The events of one name, in order. */
  heard<Name extends EventName>(name: Name): EventOf<Name>[] {
    return this.events.filter((heard) => heard.name === name).map(({ event }) => event as unknown as EventOf<Name>)
  }
}
