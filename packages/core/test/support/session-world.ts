import { ManualClock, ScriptedConnector } from '@trunkline/conformance/testing'
import { type EventName, type EventOf, type Store, TrunklineError } from '../../src/index.js'
import { createAuthHandle } from '../../src/manager/auth-handle.js'
import { LeaseWatch } from '../../src/manager/lease-watch.js'
import { createMemoryStore } from '../../src/memory/memory-store.js'
import { LiveSession } from '../../src/session/live-session.js'
import { DEFAULT_TIMINGS, type Ownership, type SessionServices } from '../../src/session/services.js'
import type { SessionRecord } from '../../src/store.js'
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

/** Nobody is refused for its version. */
const ANY_VERSION = { accepted: () => {}, refused: () => false, end: () => {} }

/** One live session over the memory store, a fake connector and a fake clock. */
export class SessionWorld {
  readonly clock = new ManualClock()
  readonly connector = new ScriptedConnector()
  readonly store: Store = createMemoryStore({ clock: this.clock })
  readonly events: { name: EventName; event: EventOf<EventName> }[] = []
  readonly logger = recordingLogger()
  readonly session: LiveSession
  readonly services: SessionServices
  leaseHeld = false
  /** Whether another node may have the session by now: settles when it is known. */
  doubt: Promise<void> | undefined
  storeAnswers = true
  /** Ownerships that were not given back. */
  owned = 0
  readonly lost: AbortController[] = []
  #epoch = 0
  #release: (() => Promise<void>) | undefined
  readonly #watch = new LeaseWatch({
    leases: {
      held: async (ids) =>
        this.leaseHeld ? ids.map((sessionId) => ({ sessionId, owner: 'another', epoch: 1_000 })) : [],
    },
    intervalMs: 1_000,
    clock: this.clock,
    logger: this.logger,
  })

  private constructor(record: SessionRecord) {
    this.services = {
      store: this.store,
      connector: this.connector,
      mediaDesk: { stage: () => Promise.reject(new Error('Nothing is sent as a file here')) },
      linkPreviews: { of: async () => undefined },
      clock: this.clock,
      logger: this.logger,
      random: () => 0.5,
      node: 'this one',
      acquire: (sessionId) => this.#acquire(sessionId),
      holderOf: async () => (this.leaseHeld ? 'another' : undefined),
      leaseFree: (sessionId, signal) => this.#watch.free(sessionId, signal),
      storeAnswers: () => this.storeAnswers,
      counted: () => {},
      versions: { turn: async (_request, signal) => (signal.aborted ? undefined : ANY_VERSION) },
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

  /** Of one node: the session is taken again in the place of what was taken before. */
  async #acquire(sessionId: string): Promise<Ownership | undefined> {
    await this.#release?.()
    if (this.leaseHeld) return undefined
    this.#epoch += 1
    this.owned += 1
    const controller = new AbortController()
    this.lost.push(controller)
    const epoch = this.#epoch
    const { signal: lost } = controller
    const release = async () => {
      if (this.#release !== release) return
      this.#release = undefined
      this.owned -= 1
      controller.abort(new TrunklineError('LEASE_LOST', { details: { sessionId } }))
    }
    this.#release = release
    try {
      return {
        epoch,
        record: await this.store.sessions.report(sessionId, {}, { epoch }),
        auth: createAuthHandle({ auth: this.store.auth, sessionId, epoch, lost, clock: this.clock }),
        lost,
        doubt: () => (lost.aborted ? undefined : this.doubt),
        refused: () => void release(),
        release,
      }
    } catch (error) {
      await release()
      throw error
    }
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
