import { type Phone, type Simulator, type SimulatorClock, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import {
  createMemoryStore,
  type EventName,
  type EventOf,
  type ManagerOptions,
  MultiSessionManager,
  type SessionStatus,
  type Store,
} from '../../src/index.js'

/** Tests wait for events; this is only how long they wait before they say what did not happen. */
const PATIENCE_MS = 45_000

const silentLogger = pino({ level: 'silent' })

export interface HeardEvent {
  name: EventName
  event: EventOf<EventName>
}

/** A simulator, and managers that talk to it. */
export class Live implements AsyncDisposable {
  readonly simulator: Simulator
  readonly #managers: MultiSessionManager[] = []

  private constructor(simulator: Simulator) {
    this.simulator = simulator
  }

  static async start(seed: string, options: { clock?: SimulatorClock } = {}): Promise<Live> {
    return new Live(await startSimulator({ seed, ...options }))
  }

  manager(options: ManagerOptions = {}): LiveManager {
    const store = options.store ?? createMemoryStore()
    const manager = new MultiSessionManager({
      store,
      webSocketUrl: this.simulator.url,
      certPublicKey: this.simulator.rootPublicKey,
      mediaCertificate: this.simulator.mediaCertificate,
      connectsPerSecond: 200,
      logger: silentLogger,
      ...options,
      reconnect: { reconnectBaseMs: 20, reconnectMaxMs: 100, replacedRetryMs: 50, ...options.reconnect },
    })
    this.#managers.push(manager)
    return new LiveManager(manager, store)
  }

  phone(number: string, name: string): Promise<Phone> {
    return this.simulator.createPhone({ number, name })
  }

  /** Ends all of it, and the test with an error when WhatsApp was asked for something odd. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#managers.map((manager) => manager.close()))
    const { unhandled, violations } = this.simulator
    await this.simulator.close()
    if (unhandled.length + violations.length > 0)
      throw new Error(`WhatsApp does not know this: ${JSON.stringify({ unhandled, violations })}`)
  }
}

/** A manager that remembers what it said. */
export class LiveManager {
  readonly manager: MultiSessionManager
  readonly store: Store
  readonly heard: HeardEvent[] = []
  readonly #waiting = new Set<() => void>()

  constructor(manager: MultiSessionManager, store: Store) {
    this.manager = manager
    this.store = store
    manager.onAny((name, event) => {
      this.heard.push({ name, event })
      for (const check of this.#waiting) check()
    })
  }

  /** The first event, of the past or to come, that fits. */
  heardEvent<Name extends EventName>(
    name: Name,
    sessionId: string,
    fits: (event: EventOf<Name>) => boolean = () => true,
    from = 0,
  ): Promise<EventOf<Name>> {
    return new Promise((resolve, reject) => {
      const find = () =>
        this.heard
          .slice(from)
          .find(
            (heard) =>
              heard.name === name &&
              heard.event.sessionId === sessionId &&
              fits(heard.event as unknown as EventOf<Name>),
          )
      const check = () => {
        const found = find()
        if (!found) return
        clearTimeout(timer)
        this.#waiting.delete(check)
        resolve(found.event as unknown as EventOf<Name>)
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(check)
        const names = this.heard
          .slice(from)
          .map((heard) => `${heard.name} ${JSON.stringify(heard.event).slice(0, 160)}`)
        reject(new Error(`No ${name} of ${sessionId}. Heard:\n${names.join('\n')}`))
      }, PATIENCE_MS)
      this.#waiting.add(check)
      check()
    })
  }

  /** Resolves when the session has the status; `from` looks only at events from there on. */
  async status(sessionId: string, status: SessionStatus, from?: number): Promise<void> {
    if (from === undefined && (await this.manager.get(sessionId)).status === status) return
    await this.heardEvent('session.status', sessionId, (event) => event.status === status, from)
  }

  /** Makes a session and links it by scanning its QR. */
  async link(sessionId: string, phone: Phone): Promise<void> {
    const from = this.heard.length
    await this.manager.create({ id: sessionId })
    const { qr } = await this.heardEvent('qr', sessionId, undefined, from)
    await phone.scanQr(qr)
    await this.status(sessionId, 'connected', from)
  }

  events<Name extends EventName>(name: Name, sessionId: string): EventOf<Name>[] {
    return this.heard
      .filter((heard) => heard.name === name && heard.event.sessionId === sessionId)
      .map(({ event }) => event as unknown as EventOf<Name>)
  }
}

/** What the phone, or any other side, must come to hold. */
export async function eventually<Value>(
  read: () => Value | Promise<Value>,
  fits: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const value = await read()
    if (fits(value)) return value
    if (Date.now() > deadline)
      throw new Error(`Never came to be; the last value was ${JSON.stringify(value)?.slice(0, 500)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
