import type { ConnectionEvent } from '../ports/connector.js'
import { countsAsUnread } from '../records/stored.js'
import type { EventHandlers } from './event-dispatch.js'
import type { Identities } from './identities.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

type ReadEvent = Extract<ConnectionEvent, { type: 'read' }>
type RemovedEvent = Extract<ConnectionEvent, { type: 'removed' }>
type StarredEvent = Extract<ConnectionEvent, { type: 'starred' }>
type ClearedEvent = Extract<ConnectionEvent, { type: 'cleared' }>

export interface OwnDevicesParts {
  state: SessionState
  services: SessionServices
  publisher: SessionPublisher
  identities: Identities
}

/** How many of the newest messages of a chat are looked through for the one that was read. */
const MAX_LOOKED_THROUGH = 200

/** What the account does on another of its devices, such as the phone. */
export class OwnDevices {
  readonly #parts: OwnDevicesParts

  constructor(parts: OwnDevicesParts) {
    this.#parts = parts
  }

  get handlers(): Pick<EventHandlers, 'read' | 'removed' | 'starred' | 'cleared'> {
    return {
      read: (event) => this.read(event),
      removed: (event) => this.removed(event),
      starred: (event) => this.starred(event),
      cleared: (event) => this.cleared(event),
    }
  }

  /** What came after the last message that was read stays unread. */
  async read({ chatId, ids }: ReadEvent): Promise<void> {
    const { state, services, publisher, identities } = this.#parts
    const { chats, messages } = services.store
    const [id = chatId] = await identities.canonical([chatId])
    const before = await chats.get(state.id, id)
    if (!before || before.unreadCount === 0) return
    const { items } = await messages.page(state.id, { chatId: id, fromMe: false, limit: MAX_LOOKED_THROUGH })
    const counted = items.filter((message) => countsAsUnread(message) || ids.includes(message.id))
    const unreadCount = counted.findIndex((message) => ids.includes(message.id))
    if (unreadCount < 0 || unreadCount >= before.unreadCount) return
    const { chats: changed } = await chats.upsert(state.id, [{ id, unreadCount }])
    const at = state.timestamp()
    await publisher.publish(changed.map((chat) => ({ name: 'chat.updated', at, payload: { chat } })))
  }

  async removed({ chatId, ids }: RemovedEvent): Promise<void> {
    const { state, services, publisher, identities } = this.#parts
    const at = state.timestamp()
    const [id = chatId] = await identities.canonical([chatId])
    const changed = await services.store.messages.change(state.id, { id: ids, chatId: id }, { kind: 'delete', at })
    await publisher.publish(changed.map(({ after }) => ({ name: 'message.deleted', at, payload: { message: after } })))
  }

  async starred({ chatId, ids, starred }: StarredEvent): Promise<void> {
    const { state, services, publisher, identities } = this.#parts
    const at = state.timestamp()
    const [id = chatId] = await identities.canonical([chatId])
    const ref = { id: ids, chatId: id }
    const changed = await services.store.messages.change(state.id, ref, { kind: 'star', starred })
    await publisher.publish(changed.map(({ after }) => ({ name: 'message.starred', at, payload: { message: after } })))
  }

  /** A chat that was deleted is gone, unless somebody has written since. */
  async cleared({ chatId, until, isDeleted, keepStarred }: ClearedEvent): Promise<void> {
    const { state, services, publisher, identities } = this.#parts
    const { chats, messages } = services.store
    const at = state.timestamp()
    const [id = chatId] = await identities.canonical([chatId])
    if (!(await chats.get(state.id, id))) return
    await messages.removeChat(state.id, id, { until, keepStarred })
    const { items } = await messages.page(state.id, { chatId: id, limit: 1 })
    if (isDeleted && items.length === 0) {
      await chats.remove(state.id, id)
      return void (await publisher.publish([{ name: 'chat.deleted', at, payload: { chatId: id } }]))
    }
    const { chats: changed } = await chats.upsert(state.id, [{ id, ...(items.length === 0 ? { unreadCount: 0 } : {}) }])
    await publisher.publish(changed.map((chat) => ({ name: 'chat.updated', at, payload: { chat } })))
  }
}
