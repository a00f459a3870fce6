import { type Message, MultiSessionManager, type PairingCode, type SendOptions, type Store } from '@trunkline/core'
import { pino } from 'pino'
import { type Death, deadlyStore } from './deadly-store.js'
import { openStore, type StoreChoice } from './open-store.js'

/** The only session of the bot. */
const SESSION = 'bot'

export interface BotOptions {
  store: StoreChoice
  webSocketUrl: string
  /** Hexadecimal. */
  certPublicKey: string
  /** Without it the bot lives until it is stopped. */
  death?: Death
}

/** What a bot says by itself. */
export type Word =
  | { word: 'qr'; qr: string }
  | { word: 'status'; status: string }
  | { word: 'message'; text: string; key: string }

/** What is in the store of a bot. */
export interface Inventory {
  status: string
  /** Of all messages, those of the history too. */
  messages: Pick<Message, 'id' | 'text' | 'fromMe' | 'status' | 'source'>[]
  /** The texts of the logged `message` events. */
  logged: string[]
  pending: number
  archives: number
}

/** An application with one account: an auto-linking session on a store, told what to say. */
export class Bot {
  /** Names of the calls to the store so far. */
  readonly calls: string[] = []
  readonly #opened: Store
  readonly #store: Store
  readonly #manager: MultiSessionManager

  constructor({ store, webSocketUrl, certPublicKey, death }: BotOptions, say: (word: Word) => void) {
    this.#opened = openStore(store)
    this.#store = deadlyStore(this.#opened, death, this.calls)
    this.#manager = new MultiSessionManager({
      store: this.#store,
      webSocketUrl,
      certPublicKey,
      logger: pino({ level: 'silent' }),
      owner: 'bot',
      connectsPerSecond: 200,
      reconnect: { reconnectBaseMs: 20, reconnectMaxMs: 100 },
    })
    this.#manager.on('qr', ({ qr }) => say({ word: 'qr', qr }))
    this.#manager.on('session.status', ({ status }) => say({ word: 'status', status }))
    this.#manager.on('message', ({ message, seq }) =>
      say({
        word: 'message',
        text: message.text ?? '',
        key: `${seq} ${message.chatId} ${message.senderId} ${message.id}`,
      }),
    )
  }

  async start(): Promise<void> {
    await this.#buryPredecessor()
    await this.#manager.start()
    const existing = await this.#store.sessions.get(SESSION)
    if (!existing) await this.#manager.create({ id: SESSION })
    else if (existing.desired === 'stopped') await this.#manager.startSession(SESSION)
  }

  /** There is never more than one bot: the one before is dead, and nobody need wait until its lease expires. */
  async #buryPredecessor(): Promise<void> {
    await this.#opened.setup()
    const { leases } = this.#opened
    for (const { id, name } of await leases.members()) if (name === 'bot') await leases.leave(id)
  }

  /** What a person does with a session that waits for one. */
  startSession(): Promise<unknown> {
    return this.#manager.startSession(SESSION)
  }

  send(options: SendOptions): Promise<Message> {
    return this.#manager.send(SESSION, options)
  }

  requestPairingCode(phone: string): Promise<PairingCode> {
    return this.#manager.requestPairingCode(SESSION, { phone })
  }

  async inventory(): Promise<Inventory> {
    const { auth, messages, events, sessions } = this.#store
    const { items } = await messages.page(SESSION, { limit: 200 })
    const log = await events.read(SESSION, { after: 0, limit: 500 })
    return {
      status: (await sessions.get(SESSION))?.status ?? 'missing',
      messages: items.map(({ id, text = '', fromMe, status, source }) => ({ id, text, fromMe, status, source })),
      logged: log.events.flatMap(({ name, event }) =>
        name === 'message' ? [(event as unknown as { message: Message }).message.text ?? ''] : [],
      ),
      pending: (await messages.listPending(SESSION)).length,
      archives: (await auth.listArchives(SESSION)).length,
    }
  }

  async stop(): Promise<void> {
    await this.#manager.close()
    await this.#store.close()
  }
}
