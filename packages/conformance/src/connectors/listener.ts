import type {
  AuthBatch,
  AuthHandle,
  Connection,
  ConnectionEvent,
  ConnectOptions,
  SessionSettings,
} from '@trunkline/core/store'
import type { ConnectorBackend } from '../connector-suite.js'

type EventType = ConnectionEvent['type']
type EventOfType<Type extends EventType> = Extract<ConnectionEvent, { type: Type }>

/** Credentials in memory, as a session would lend them to a connection. */
export function createCredentials(): AuthHandle {
  let creds: Uint8Array | undefined
  const keys = new Map<string, Map<string, Uint8Array>>()
  const keysOf = (type: string) => {
    const ofType = keys.get(type) ?? new Map<string, Uint8Array>()
    keys.set(type, ofType)
    return ofType
  }
  return {
    epoch: 1,
    readCreds: async () => creds,
    readKeys: async (type, ids) =>
      new Map(ids.flatMap((id) => [keysOf(type).get(id)].flatMap((value) => (value ? [[id, value] as const] : [])))),
    listKeyIds: async (type) => [...keysOf(type).keys()],
    async commit({ creds: written, puts = [], deletes = [] }: AuthBatch) {
      creds = written ?? creds
      for (const { type, id, value } of puts) keysOf(type).set(id, value)
      for (const { type, id } of deletes) keysOf(type).delete(id)
    },
  }
}

/** One connection and what it says. Events are handled at once, unless the test holds some of them up. */
export class Listener {
  readonly heard: ConnectionEvent[] = []
  readonly connection: Connection
  /** What the handler of an event does beyond remembering it. */
  onEvent: (event: ConnectionEvent) => Promise<void> = async () => {}
  /** Events that came before `connect` had returned. */
  readonly early: EventType[] = []
  /** How many handlers were running when an event came, of any lane but its own. */
  readonly overlaps: string[] = []
  readonly #running = new Set<'ack' | 'event'>()
  readonly #waiting = new Set<() => void>()

  constructor(
    { connector }: ConnectorBackend,
    {
      auth,
      settings = {},
      account,
    }: { auth: AuthHandle; settings?: SessionSettings; account?: ConnectOptions['account'] },
  ) {
    let returned = false
    this.connection = connector.connect({
      sessionId: 's',
      auth,
      settings,
      ...(account ? { account } : {}),
      getMessage: async () => undefined,
      onEvent: (event) => {
        if (!returned) this.early.push(event.type)
        return this.#handle(event)
      },
    })
    returned = true
  }

  /** The first event of this type, of the past or to come, that fits. */
  event<Type extends EventType>(type: Type, fits: (event: EventOfType<Type>) => boolean = () => true) {
    return new Promise<EventOfType<Type>>((resolve, reject) => {
      const check = () => {
        const found = this.heard.find(
          (event): event is EventOfType<Type> => event.type === type && fits(event as EventOfType<Type>),
        )
        const isOver = this.heard.at(-1)?.type === 'close'
        if (!found && !isOver) return
        this.#waiting.delete(check)
        if (found) resolve(found)
        else reject(new Error(`The connection ended without ${type}: ${this.heard.map((event) => event.type).join()}`))
      }
      this.#waiting.add(check)
      check()
    })
  }

  /** The texts of the messages that came, event by event. */
  get texts(): (string | undefined)[][] {
    return this.heard.flatMap((event) =>
      event.type === 'messages'
        ? [event.inbound.map((one) => ('message' in one ? one.message.text : one.change.kind))]
        : [],
    )
  }

  async #handle(event: ConnectionEvent): Promise<void> {
    const lane = event.type === 'ack' ? 'ack' : 'event'
    if (this.#running.has(lane)) this.overlaps.push(event.type)
    this.#running.add(lane)
    this.heard.push(event)
    for (const check of [...this.#waiting]) check()
    try {
      await this.onEvent(event)
    } finally {
      this.#running.delete(lane)
    }
  }
}

/** A connection that is open: linked first, by a connection of its own. */
export async function openedListener(backend: ConnectorBackend, auth = createCredentials()): Promise<Listener> {
  const linking = new Listener(backend, { auth })
  const { qr } = await linking.event('qr')
  await backend.scanQr(qr)
  await linking.event('close')
  const listener = new Listener(backend, { auth })
  await listener.event('open')
  return listener
}
