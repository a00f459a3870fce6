import {
  type AuthenticationCreds,
  type BinaryNode,
  decodeMessageNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  jidNormalizedUser,
  proto,
  type WAMessage,
} from '@whiskeysockets/baileys'
import type { ConnectionEvent, Inbound } from '../../ports/connector.js'
import { normalizeJid } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import type { MessageStatus } from '../../types/message.js'
import type { SessionSettings } from '../../types/session.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { shortened } from '../translate/bounds.js'
import { historyParts } from '../translate/history-parts.js'
import { toLabel, toLabeled } from '../translate/label-patches.js'
import { toNewChatCap } from '../translate/limits.js'
import { DEFAULT_PRELOAD, Preload } from '../translate/preload.js'
import { refusedByBaileys, toRefused } from '../translate/refused-stanza.js'
import { type SyncAction, toCleared } from '../translate/sync-actions.js'
import { toGroupNotice } from '../translate/to-group-notice.js'
import { contactPairs, toChatChange, toContactChanges } from '../translate/to-history.js'
import { pairOf, toIso, toMessage, toPlaceholder } from '../translate/to-message.js'
import type { AwaitedMessages } from './awaited-messages.js'
import type { EventTaps } from './event-tap.js'
import type { InboundJournal } from './inbound-journal.js'
import { isIgnored } from './socket-config.js'

const { Status } = proto.WebMessageInfo

/** WhatsApp's own QR times: the first one is shown longer. */
const FIRST_QR_MS = 60_000
const NEXT_QR_MS = 20_000

export interface ConnectionEventsParts {
  creds: AuthenticationCreds
  settings: SessionSettings
  journal: InboundJournal | undefined
  awaited: AwaitedMessages | undefined
  qrLifetimeMs: number | undefined
  emit(event: ConnectionEvent): void
  /** The event is made when its turn comes, and the rest of the process gets one before. */
  emitLater(make: () => ConnectionEvent): void
  /** `group`: all of it, where it was just made. */
  groupChanged(groupId: Jid, group?: BinaryNode): void
  rejectCall(callId: string, from: string): Promise<void>
}

/** Translates what one Baileys socket says into the events of the connector port. */
export class ConnectionEvents {
  readonly taps: EventTaps
  readonly #parts: ConnectionEventsParts
  readonly #unseen = new BoundedMap<string, true>({ max: MAX_UNSEEN })
  #qrAttempt = 0
  #qrMax = 0

  constructor(parts: ConnectionEventsParts) {
    this.#parts = parts
    const preload = new Preload(parts.settings.preload ?? DEFAULT_PRELOAD)
    this.taps = {
      'messages.upsert': ({ messages, type }) => this.#messages(messages, type),
      'messages.update': (updates) => {
        this.#receipts(updates.map(({ key, update }) => ({ key, status: update.status, at: update.messageTimestamp })))
        for (const { key, update } of updates) this.#starred(key, update.starred)
      },
      'message-receipt.update': (updates) =>
        this.#receipts(
          updates.map(({ key, receipt: { readTimestamp: read, receiptTimestamp } }) => ({
            key,
            status: read ? Status.READ : Status.DELIVERY_ACK,
            at: read ?? receiptTimestamp,
          })),
        ),
      'messaging-history.set': (set) => {
        const steps = historyParts(set, { me: this.#me, preload })
        const settle = settledBy(parts.journal?.carriedOut())
        for (const [place, step] of steps.entries())
          parts.emitLater(place < steps.length - 1 ? step : () => ({ ...step(), ...settle }))
      },
      'message-capping.update': (info) => parts.emit(toNewChatCap(info)),
      'lid-mapping.update': ({ pn, lid }) => {
        const pair = pairOf(pn, lid)
        if (pair) parts.emit({ type: 'identities', pairs: [pair] })
      },
      'contacts.upsert': (contacts) => {
        const pairs = contactPairs(contacts)
        if (pairs.length > 0) parts.emit({ type: 'identities', pairs })
        const changes = toContactChanges(contacts)
        if (changes.length > 0) parts.emit({ type: 'contacts', changes })
      },
      'contacts.update': (updates) => {
        for (const { id: told, imgUrl } of updates) {
          const id = told && normalizeJid(told)
          if (id && (imgUrl === 'changed' || imgUrl === 'removed')) parts.emit({ type: 'picture', id })
        }
      },
      'chats.update': (updates) => {
        const changes = updates.map(toChatChange).filter((change) => change !== undefined)
        // An update without any of our fields says only that a message came.
        const news = changes.filter((change) => Object.keys(change).length > 1)
        if (news.length > 0) parts.emit({ type: 'chats', changes: news })
      },
      'labels.edit': (edited) => {
        const event = toLabel(edited)
        if (event) parts.emit(event)
      },
      'labels.association': (told) => {
        const event = toLabeled(told)
        if (event && !isIgnored(event.chatId, parts.settings)) parts.emit(event)
      },
      'messages.delete': (deleted) => {
        // The whole of a chat is emptied by no event of Baileys.
        if (!('keys' in deleted)) return
        for (const { remoteJid, id } of deleted.keys) {
          const chatId = remoteJid ? normalizeJid(remoteJid) : undefined
          if (chatId && id) parts.emit({ type: 'removed', chatId, ids: [id] })
        }
      },
      // What happens to a group is heard in `groupNotice`: this tells of whole groups too, as after a login.
      'groups.update': (groups) => {
        for (const { id, subject } of groups) {
          if (!id) continue
          parts.groupChanged(id)
          this.#named(id, subject)
        }
      },
      'groups.upsert': (groups) => {
        for (const { id, subject } of groups) this.#named(id, subject)
      },
      'presence.update': ({ id, presences }) => this.#presence(id, presences),
      call: (calls) => {
        for (const call of calls) this.#call(call)
      },
    }
  }

  /** The subject of a group, however it came to be known, is the name of its chat. */
  #named(groupId: string, subject: string | undefined): void {
    const id = normalizeJid(groupId)
    if (id && subject && !this.#parts.settings.ignoreGroups)
      this.#parts.emit({ type: 'chats', changes: [{ id, name: shortened(subject) }] })
  }

  /** Must see each notification about a group, and about a picture. */
  groupNotice(stanza: BinaryNode): void {
    const notice = toGroupNotice(stanza)
    if (!notice) return
    const { groupId, changes, identities, group } = notice
    this.#parts.groupChanged(groupId, group)
    if (this.#parts.settings.ignoreGroups) return
    for (const change of changes) {
      if (change.kind === 'created') this.#named(groupId, change.subject)
      this.#parts.emit({ type: 'group', groupId, change, identities })
    }
  }

  /** What a recovered message is to the session; nothing when it is for Baileys itself. */
  static recovered(message: WAMessage, me: string): Inbound | undefined {
    return toMessage(message, { me: normalizeJid(me) ?? me, source: message.key.fromMe ? 'phone' : 'offline' })
  }

  /**
   * Must see each message stanza before Baileys does. It says nothing of what only the phone gets, and does not tell which
   * messages are seen by nobody when they cannot be decrypted: reactions, votes, pins.
   *
   * @returns what Baileys has to wait for before it goes on: it tells the server at once that the message has arrived
   */
  arriving(stanza: BinaryNode): Promise<unknown> | undefined {
    if (isIgnored(stanza.attrs.from ?? '', this.#parts.settings)) return undefined
    if (getBinaryNodeChildren(stanza, 'enc').some(({ attrs }) => attrs['decrypt-fail'] === 'hide')) {
      this.#unseen.set(stanza.attrs.id ?? '', true)
    }
    const kind = FANOUTS[getBinaryNodeChild(stanza, 'unavailable')?.attrs.type ?? '']
    const wa = kind || isWithoutContent(stanza) ? this.#decoded(stanza) : undefined
    if (!wa) return undefined
    const source = sourceOf(wa, stanza)
    // Of what only the phone has Baileys tells as well, unless it is older than the phone is asked for.
    const message = toPlaceholder(wa, kind ?? 'waiting', { me: this.#me, source })
    const stored = message && this.#stored({ message })
    return kind ? stored : Promise.all([stored, this.#parts.awaited?.add(wa)])
  }

  /**
   * Stores what stands for a message that Baileys would refuse without a word. Resolves when it is stored; `undefined` for what
   * Baileys takes, and for what nobody wants.
   */
  refused(stanza: BinaryNode): Promise<void> | undefined {
    const { creds, settings } = this.#parts
    const wa = creds.me && refusedByBaileys(stanza, creds.me)
    if (!wa || isIgnored(stanza.attrs.from ?? '', settings)) return undefined
    const inbound = toRefused(stanza, wa, { me: this.#me, source: sourceOf(wa, stanza) })
    return inbound && this.#stored(inbound)
  }

  /** Resolves when it is stored, and not at all where the store fails. */
  #stored(inbound: Inbound): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.emit({ type: 'messages', inbound: [{ ...inbound, settle: async () => resolve() }] })
    })
  }

  #decoded(stanza: BinaryNode): WAMessage | undefined {
    const { me } = this.#parts.creds
    try {
      return decodeMessageNode(stanza, me?.id ?? '', me?.lid ?? '').fullMessage
    } catch {
      // Not to be understood: Baileys refuses it.
      return undefined
    }
  }

  /** The server offers refs for QRs: one QR for each. */
  pairDevice(stanza: BinaryNode): void {
    this.#qrMax = getBinaryNodeChildren(getBinaryNodeChild(stanza, 'pair-device'), 'ref').length
    this.#qrAttempt = 0
  }

  qr(qr: string): void {
    this.#qrAttempt += 1
    const { qrLifetimeMs } = this.#parts
    const later = qrLifetimeMs ?? NEXT_QR_MS
    const lifetimeMs = this.#qrAttempt === 1 ? (qrLifetimeMs ?? FIRST_QR_MS) : later
    const remainingMs = lifetimeMs + Math.max(0, this.#qrMax - this.#qrAttempt) * later
    this.#parts.emit({ type: 'qr', qr, attempt: this.#qrAttempt, maxAttempts: this.#qrMax, lifetimeMs, remainingMs })
  }

  /** The server took one of our messages, or refused it: the only sign, as Baileys tells nobody. */
  ack({ attrs }: BinaryNode): void {
    if (!attrs.id) return
    const refused = attrs.error ? { code: attrs.error, message: refusalOf(attrs.error) } : undefined
    this.#parts.emit({ type: 'ack', id: attrs.id, ...serverTimeOf(attrs.t), ...(refused ? { error: refused } : {}) })
  }

  /** WhatsApp wants a passkey before it links. */
  passkey(): void {
    this.#parts.emit({ type: 'passkey' })
  }

  get #me(): Jid {
    const { me } = this.#parts.creds
    return normalizeJid(me?.lid ?? me?.id ?? '') ?? ''
  }

  /** In place of Baileys, which has decrypted the message and could not go on. */
  stumbledOver(message: WAMessage): void {
    this.#messages([message], 'notify')
  }

  #messages(messages: readonly WAMessage[], type: 'append' | 'notify'): void {
    const { journal, awaited, emit } = this.#parts
    for (const wa of messages) {
      const source = wa.key.fromMe ? 'phone' : type === 'append' ? 'offline' : 'live'
      const translated = toMessage(wa, { me: this.#me, source })
      const inbound = translated && !this.#isUnseen(translated) ? translated : undefined
      // A store that fails ends the connection; the sender was asked for it as well.
      if (isAwaited(inbound)) void awaited?.add(wa).catch(() => undefined)
      const forget = journal?.became(wa, { isForBaileys: !inbound })
      const settle = async () => {
        if (wa.message) await awaited?.settle(wa)
        await forget?.()
      }
      if (inbound) emit({ type: 'messages', inbound: [{ ...inbound, settle }] })
    }
  }

  /** A change that could not be decrypted: no phone shows that it waits for one. */
  #isUnseen(inbound: Inbound): boolean {
    return (
      'message' in inbound && inbound.message.type === 'placeholder' && this.#unseen.get(inbound.message.id) === true
    )
  }

  #starred({ remoteJid, id }: WAMessage['key'], starred: boolean | null | undefined): void {
    const chatId = remoteJid ? normalizeJid(remoteJid) : undefined
    if (chatId && id && typeof starred === 'boolean') this.#parts.emit({ type: 'starred', chatId, ids: [id], starred })
  }

  /**
   * Must see every action of another device that Baileys reads from app state. The first reading tells of what was done before the
   * link, to chats that are not here.
   */
  syncAction({ syncAction, initialSync }: { syncAction: SyncAction; initialSync: boolean }): void {
    const cleared = initialSync ? undefined : toCleared(syncAction)
    if (cleared) this.#parts.emit(cleared)
  }

  /** One event for all that are told at once of one chat: a stanza names every message that was read. */
  #receipts(told: readonly Receipt[]): void {
    const events = new Map<string, Extract<ConnectionEvent, { type: 'receipt' | 'read' }>>()
    for (const { key, status, at } of told) {
      const reached = receiptStatus(status)
      const chatId = key.remoteJid ? normalizeJid(key.remoteJid) : undefined
      if (!reached || !chatId || !key.id) continue
      // In a group Baileys calls every receipt one for a message of ours; who has read tells.
      const isOwn = !key.fromMe || this.#isOwn(key.participant)
      if (isOwn && reached === 'delivered') continue
      const group = `${chatId}|${isOwn ? 'own' : reached}`
      const event = events.get(group) ?? receiptEvent(chatId, { isOwn, status: reached, at: toIso(at) })
      event.ids.push(key.id)
      events.set(group, event)
    }
    for (const event of events.values()) this.#parts.emit(event)
  }

  /** Whether an address is one of the account's. */
  #isOwn(jid: string | null | undefined): boolean {
    const { me } = this.#parts.creds
    const own = [me?.id, me?.lid].map((address) => address && normalizeJid(address))
    return Boolean(jid) && own.includes(normalizeJid(jid ?? ''))
  }

  #presence(id: string, presences: Record<string, { lastKnownPresence: string; lastSeen?: number }>): void {
    const chatId = normalizeJid(id)
    for (const [sender, { lastKnownPresence, lastSeen }] of Object.entries(presences)) {
      const senderId = normalizeJid(jidNormalizedUser(sender))
      const state = PRESENCES.find((known) => known === lastKnownPresence)
      const last = lastSeen && lastSeen > 0 ? { lastSeenAt: toIso(lastSeen) } : {}
      if (chatId && senderId && state) this.#parts.emit({ type: 'presence', chatId, senderId, state, ...last })
    }
  }

  #call(call: { id: string; from: string; status: string; isVideo?: boolean }): void {
    const from = normalizeJid(call.from)
    if (!from) return
    this.#parts.emit({
      type: 'call',
      callId: call.id,
      from,
      kind: call.isVideo ? 'video' : 'audio',
      state: call.status,
    })
    if (this.#parts.settings.rejectCalls && call.status === 'offer') {
      void this.#parts.rejectCall(call.id, call.from).catch(() => undefined)
    }
  }
}

function sourceOf({ key }: WAMessage, { attrs }: BinaryNode): 'phone' | 'offline' | 'live' {
  return key.fromMe ? 'phone' : attrs.offline ? 'offline' : 'live'
}

/** When a stanza was written, by the server's clock: seconds since 1970, where it says so. */
export function serverTimeOf(seconds: string | undefined): { at?: string } {
  return Number(seconds) > 0 ? { at: toIso(Number(seconds)) } : {}
}

function settledBy(settle: (() => Promise<void>) | undefined): { settle?: () => Promise<void> } {
  return settle ? { settle } : {}
}

function receiptEvent(
  chatId: Jid,
  { isOwn, status, at }: { isOwn: boolean; status: MessageStatus; at: string },
): Extract<ConnectionEvent, { type: 'receipt' | 'read' }> {
  return isOwn ? { type: 'read', chatId, ids: [] } : { type: 'receipt', ids: [], chatId, status, at }
}

interface Receipt {
  key: WAMessage['key']
  status: number | null | undefined
  at: WAMessage['messageTimestamp']
}

/** What could not be decrypted: its sender is asked for it again, and the phone may have it. */
function isAwaited(inbound: Inbound | undefined): boolean {
  return inbound !== undefined && 'message' in inbound && inbound.message.notice?.kind === 'waiting'
}

/** Nothing to decrypt, and nothing said in the clear, as channels do. */
function isWithoutContent(stanza: BinaryNode): boolean {
  const tags = Array.isArray(stanza.content) ? stanza.content.map(({ tag }) => tag) : []
  const { from = '', category } = stanza.attrs
  return category !== 'peer' && !from.endsWith('@newsletter') && !tags.includes('enc') && !tags.includes('plaintext')
}

/** What the server tells companions of instead of sending it, by its own words and by ours. */
const FANOUTS: Record<string, string | undefined> = {
  view_once: 'view_once',
  view_once_unavailable_fanout: 'view_once',
  hosted_unavailable_fanout: 'hosted',
  bot_unavailable_fanout: 'bot',
}

const MAX_UNSEEN = 1_000

const PRESENCES = ['available', 'unavailable', 'composing', 'recording', 'paused'] as const

function receiptStatus(status: number | null | undefined): MessageStatus | undefined {
  if (status === Status.DELIVERY_ACK) return 'delivered'
  if (status === Status.READ) return 'read'
  if (status === Status.PLAYED) return 'played'
  return undefined
}

/** What WhatsApp's numbers in an ack mean, as far as anybody outside knows. */
function refusalOf(code: string): string {
  if (code === '463') return 'WhatsApp does not let this account start new chats at the moment'
  if (code === '479') return 'WhatsApp found the message malformed, or the recipient changed devices'
  if (code === '420' || code === '429') return 'WhatsApp limits how fast this account may send'
  return `WhatsApp refused the message (${code})`
}
