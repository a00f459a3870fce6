import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { Clock } from '../../ports/clock.js'
import type { AuthHandle } from '../../ports/connector.js'
import { wireJid } from '../../records/jid.js'
import type { BaileysAuthState } from '../credentials/auth-state.js'

/** Beside the keys of the account, so that what is awaited goes where the account goes. */
const TYPE = 'awaited'
/** WhatsApp's own clients ask for nothing older. */
const MAX_AGE_MS = 14 * 24 * 60 * 60_000
/** Whoever sends messages without a content fills no store with them. */
const MAX_AWAITED = 1_000
/** How many the phone is asked for in one request. */
const MAX_TOGETHER = 50

const { PeerDataOperationRequestType } = proto.Message

/** What of a message Baileys puts its content into, when the phone sends that. */
type Awaited = Pick<WAMessage, 'key' | 'messageTimestamp' | 'pushName' | 'participant'>

export interface AwaitingSocket {
  placeholderResendCache: { set(id: string, message: Awaited): unknown }
  sendPeerDataOperationMessage(request: proto.Message.IPeerDataOperationRequestMessage): Promise<string>
}

export interface AwaitedMessagesParts {
  auth: Pick<AuthHandle, 'listKeyIds'>
  keys: BaileysAuthState['keys']
  clock: Pick<Clock, 'now'>
}

/**
 * Messages that came without their content, such as the first one of somebody who tapped an advertisement. The server is told that
 * they arrived, and only the phone has their words: Baileys asks it two seconds later and forgets that with the socket. Kept here
 * until the content is stored, and asked for again after each login.
 */
export class AwaitedMessages {
  readonly #parts: AwaitedMessagesParts
  readonly #awaited: Map<string, Awaited>

  private constructor(parts: AwaitedMessagesParts, awaited: Map<string, Awaited>) {
    this.#parts = parts
    this.#awaited = awaited
  }

  /** What earlier connections have left. */
  static async read(parts: AwaitedMessagesParts): Promise<AwaitedMessages> {
    const ids = await parts.auth.listKeyIds(TYPE)
    const stored = ids.length === 0 ? {} : await parts.keys.get(TYPE, ids)
    return new AwaitedMessages(parts, new Map(Object.entries(stored) as [string, Awaited][]))
  }

  /** Resolves when it is kept: only then the server may hear that the message has arrived. */
  async add({ key, messageTimestamp, pushName, participant }: WAMessage): Promise<void> {
    const id = idOf(key)
    if (this.#awaited.has(id) || this.#awaited.size >= MAX_AWAITED) return
    const awaited: Awaited = {
      key,
      messageTimestamp: Number(messageTimestamp ?? 0),
      ...(pushName ? { pushName } : {}),
      ...(participant ? { participant } : {}),
    }
    this.#awaited.set(id, awaited)
    await this.#parts.keys.set({ [TYPE]: { [id]: awaited } })
  }

  /** The message is stored, from wherever it came. */
  async settle({ key }: Pick<WAMessage, 'key'>): Promise<void> {
    if (this.#awaited.delete(idOf(key))) await this.#parts.keys.set({ [TYPE]: { [idOf(key)]: null } })
  }

  /** Asks the phone for everything that is awaited. It answers when it is there; nobody waits for it. */
  async ask(socket: AwaitingSocket): Promise<void> {
    await this.#giveUpOld()
    const awaited = [...this.#awaited.values()]
    for (let start = 0; start < awaited.length; start += MAX_TOGETHER) {
      const together = awaited.slice(start, start + MAX_TOGETHER)
      for (const message of together) socket.placeholderResendCache.set(message.key.id ?? '', { ...message })
      await socket.sendPeerDataOperationMessage({
        peerDataOperationRequestType: PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND,
        placeholderMessageResendRequest: together.map(({ key }) => ({ messageKey: wireKeyOf(key) })),
      })
    }
  }

  async #giveUpOld(): Promise<void> {
    const oldest = this.#parts.clock.now() - MAX_AGE_MS
    const old = [...this.#awaited].filter(([, { messageTimestamp }]) => Number(messageTimestamp) * 1_000 < oldest)
    for (const [id] of old) this.#awaited.delete(id)
    if (old.length > 0) await this.#parts.keys.set({ [TYPE]: Object.fromEntries(old.map(([id]) => [id, null])) })
  }
}

/** Ids are unique within a chat and sender only. */
function idOf({ id, remoteJid, participant }: WAMessage['key']): string {
  return `${id}|${wireJid(remoteJid ?? '')}|${wireJid(participant ?? '')}`
}

function wireKeyOf({ remoteJid, fromMe, id, participant }: WAMessage['key']): proto.IMessageKey {
  return { remoteJid, fromMe, id, ...(participant ? { participant } : {}) }
}
