import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, ConnectionEvent } from '../ports/connector.js'
import type { Label, LabelChanges, LabelRecord, LabelRequest } from '../types/label.js'
import { assertNever } from '../util/assert-never.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import type { EventHandlers } from './event-dispatch.js'
import type { Inbox, InboxParts } from './inbox.js'
import { storedMessage } from './stored-message.js'

type LabelEvent = Extract<ConnectionEvent, { type: 'label' }>
type LabeledEvent = Extract<ConnectionEvent, { type: 'labeled' }>
type Attachment = Extract<LabelRequest, { do: 'chat' | 'message' }>

/**
 * The labels of an account, and what carries them. What is done here is written to WhatsApp first, where the phone hears of it, then
 * here, as if another device had done it.
 */
export class LabelOperations {
  readonly #parts: InboxParts
  readonly #inbox: Inbox
  /** Two that are made at once must not get one id. */
  readonly #order = new KeyedMutex()

  constructor(parts: InboxParts, { inbox }: { inbox: Inbox }) {
    this.#parts = parts
    this.#inbox = inbox
  }

  get handlers(): Pick<EventHandlers, 'label' | 'labeled'> {
    return { label: (event) => this.#heard(event), labeled: (event) => this.#labeled(event) }
  }

  /** @throws LABEL_NOT_FOUND · MESSAGE_NOT_FOUND · CHAT_CHANGE_FAILED · CONNECTION_LOST · SESSION_NOT_CONNECTED */
  execute(request: LabelRequest, connection: Connection): Promise<Label | undefined> {
    return this.#order.run('', async () => {
      switch (request.do) {
        case 'create':
          return this.#create(request, connection)
        case 'update':
          return this.#update(request, connection)
        case 'delete':
          return this.#delete(request.id, connection)
        case 'chat':
        case 'message':
          return this.#attach(request, connection)
        default:
          return assertNever(request)
      }
    })
  }

  async #create({ name, color }: { name: string; color: number }, { labels }: Connection): Promise<Label> {
    const known = (await this.#all()).map(({ id }) => id)
    // An account that was linked before labels were kept has some that are not known here.
    const taken = known.length > 0 ? known : await labels.readAll()
    const label = { id: nextId(taken), name, color, deleted: false }
    await labels.write(label)
    return this.#store(label)
  }

  async #update({ id, changes }: { id: string; changes: LabelChanges }, { labels }: Connection): Promise<Label> {
    const label = { ...(await this.#known(id)), ...changes }
    await labels.write(label)
    return this.#store(label)
  }

  async #delete(id: string, { labels }: Connection): Promise<undefined> {
    const label = { ...(await this.#known(id)), deleted: true }
    await labels.write(label)
    await this.#store(label)
  }

  async #attach(request: Attachment, { labels }: Connection): Promise<undefined> {
    const { id: labelId, labeled } = request
    await this.#known(labelId)
    if (request.do === 'chat') {
      const [chatId = request.chatId] = await this.#parts.identities.canonical([request.chatId])
      await labels.attach(labelId, { chatId, labeled })
      return this.#labeled({ type: 'labeled', labelId, chatId, labeled })
    }
    const message = await storedMessage(request.ref, this.#parts)
    const { chatId, id: messageId } = message
    await labels.attach(labelId, { chatId, message, labeled })
    return this.#labeled({ type: 'labeled', labelId, chatId, messageId, labeled })
  }

  async #heard({ label }: LabelEvent): Promise<void> {
    const before = (await this.#all()).find(({ id }) => id === label.id)
    await this.#store({ name: '', color: 0, ...before, ...label })
  }

  async #labeled({ labelId, chatId, messageId, labeled }: LabeledEvent): Promise<undefined> {
    if (messageId === undefined) {
      await this.#inbox.chats([{ id: chatId, labels: { [labelId]: labeled } }])
      return
    }
    const { services, state, publisher, identities } = this.#parts
    const at = state.timestamp()
    const [id = chatId] = await identities.canonical([chatId])
    const ref = { id: messageId, chatId: id }
    const changed = await services.store.messages.change(state.id, ref, { kind: 'label', labelId, labeled })
    await publisher.publish(changed.map(({ after }) => ({ name: 'message.labeled', at, payload: { message: after } })))
  }

  async #store(record: LabelRecord): Promise<Label> {
    const { services, state, publisher } = this.#parts
    const { deleted, ...rest } = record
    const label = { ...rest, sessionId: state.id }
    const changed = await services.store.chats.upsertLabels(state.id, [record])
    const at = state.timestamp()
    await publisher.publish(
      changed.map(() =>
        deleted
          ? { name: 'label.deleted', at, payload: { labelId: record.id } }
          : { name: 'label.updated', at, payload: { label } },
      ),
    )
    return label
  }

  async #known(labelId: string): Promise<LabelRecord> {
    const found = (await this.#all()).find(({ id, deleted }) => id === labelId && !deleted)
    if (found) return found
    throw new TrunklineError('LABEL_NOT_FOUND', { details: { labelId } })
  }

  #all(): Promise<LabelRecord[]> {
    return this.#parts.services.store.chats.labels(this.#parts.state.id)
  }
}

/** WhatsApp counts them up. */
function nextId(taken: readonly string[]): string {
  const numbers = taken.map(Number).filter(Number.isSafeInteger)
  return String(Math.max(0, ...numbers) + 1)
}
