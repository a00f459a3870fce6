import { proto } from '@whiskeysockets/baileys'
import { Faults } from './faults/faults.js'
import { createAccount, type NewAccount, rebind } from './model/account.js'
import { parseJid } from './model/jid.js'
import type { AccountState, GroupSettings, GroupState } from './model/state.js'
import { type HistoryChat, storedChat } from './phone/history.js'
import { type MessageContent, textOfMessage } from './phone/message-content.js'
import { Phone } from './phone/phone.js'
import type { AutoReply } from './phone/phone-types.js'
import type { Gateway } from './server/gateway.js'
import { changeDescription, changeSettings, changeSubject, inviteCodeOf } from './server/group-facts.js'
import { askToJoin, changeParticipants } from './server/group-members.js'
import { createGroup, type GroupRole, groupOf } from './server/groups.js'
import type { MediaHosts, MediaRequest } from './server/media-hosts.js'
import { createNewsletter, post as deliverPost, newsletterOf } from './server/newsletters.js'
import type { Server } from './server/server.js'
import type { TappedStanza, UnhandledStanza, Violation } from './server/stanza-log.js'
import { type SimulatorSnapshot, toSnapshot } from './snapshot/codec.js'
import { SimulatorError } from './util/errors.js'

export interface PhoneOptions extends Omit<NewAccount, 'autoReply'> {
  /** What it answers to every text of others: a text, or a function (in process). */
  autoReply?: string | AutoReply
  /** Conversations that every new companion gets when it is linked. */
  history?: HistoryChat[]
}

export interface GroupOptions {
  subject: string
  /** A number. Its phone must be there. */
  creator: string
  /** Numbers of the others. */
  participants: string[]
  /** Default `lid`. */
  addressing?: 'pn' | 'lid'
  /** Places, 1,024 unless given. */
  maxSize?: number
}

export interface GroupChange {
  /** Who does it. Default: the creator. */
  by?: string
  add?: string[]
  remove?: string[]
  promote?: string[]
  demote?: string[]
  subject?: string
  /** Empty takes it away. */
  description?: string
  settings?: GroupSettings
  /** Numbers of those to whom the server hands on what is said although they are not in the group, as one that cannot be trusted. */
  overhearing?: string[]
}

export interface GroupInfo {
  jid: string
  subject: string
  description?: string
  settings: GroupSettings
  /** Lets people in. */
  inviteCode: string
  /** Numbers of those who want to join. */
  requests: string[]
  addressing: 'pn' | 'lid'
  creator: string
  participants: { number: string; role: GroupRole }[]
}

export interface NewsletterOptions {
  name: string
  description?: string
  /** A number. */
  owner: string
  /** Numbers. */
  subscribers?: string[]
}

export interface NewsletterPost {
  id: string
  /** Empty where there is none, or none any more. */
  text: string
  edited?: true
  deleted?: true
  /** By number. */
  reactions: Record<string, string>
}

export interface ConnectionInfo {
  id: string
  /** Missing while the client is not linked. */
  number?: string
  device?: number
  state: 'handshake' | 'unlinked' | 'connected' | 'live'
  available: boolean
  /** What the client says it is, once it has said so: `2.3000.1035194821`. */
  version?: string
}

/** Where the control API is reached. */
export interface ControlDoor {
  readonly url: string
  close(): Promise<void>
}

/**
 * A WhatsApp on loopback.
 *
 * ```ts
 * const sim = await startSimulator()
 * const phone = await sim.createPhone({ number: '15550000001', name: 'Ana' })
 * const socket = makeWASocket({ waWebSocketUrl: sim.url, auth })
 * socket.ev.on('connection.update', ({ qr }) => qr && phone.scanQr(qr))
 * ```
 */
export class Simulator implements AsyncDisposable {
  readonly faults: Faults
  readonly #server: Server
  readonly #gateway: Gateway
  readonly #mediaHosts: MediaHosts
  readonly #phones = new Map<string, Phone>()
  #control: ControlDoor | undefined
  #closed: Promise<void> | undefined

  /** @internal Use {@link startSimulator}. */
  constructor(server: Server, gateway: Gateway, mediaHosts: MediaHosts) {
    this.#server = server
    this.#gateway = gateway
    this.#mediaHosts = mediaHosts
    this.faults = new Faults(server, gateway, mediaHosts)
    for (const account of server.world.state.accounts.values()) this.#addPhone(new Phone(server, rebind(account)))
  }

  /** @internal */
  openTo(control: ControlDoor): void {
    this.#control = control
  }

  /** Give it to Baileys as `waWebSocketUrl`. */
  get url(): string {
    return this.#gateway.url
  }

  /** Where the newest version of WhatsApp Web is told, in words like those of `https://web.whatsapp.com/sw.js`. */
  get versionUrl(): string {
    return this.#gateway.versionUrl
  }

  /** How often that page was asked for. */
  get versionViews(): number {
    return this.#gateway.pageViews
  }

  /** The 32 bytes that clients have to trust: `WA_CERT_DETAILS.PUBLIC_KEY`. */
  get rootPublicKey(): Buffer {
    return Buffer.from(this.#server.world.state.authority.root.public)
  }

  /** What clients have to trust of the media hosts, which they are told after the login: PEM, for the `ca` of an agent. */
  get mediaCertificate(): string {
    return this.#mediaHosts.certificate
  }

  /** `127.0.0.1:PORT` of each media host. */
  get mediaHostnames(): readonly string[] {
    return this.#server.media.hostnames
  }

  /** What was asked of the media hosts, oldest first. */
  get mediaRequests(): readonly MediaRequest[] {
    return this.#mediaHosts.requests
  }

  /** The files on the media hosts are gone, as they are after some weeks. */
  expireMedia(): void {
    this.#server.media.expire()
  }

  /** Where the HTTP control API listens. */
  get controlUrl(): string {
    if (!this.#control) throw new SimulatorError('CLOSED', 'The simulator does not listen')
    return this.#control.url
  }

  /** What clients asked for and nobody here knows. It was answered 501. A client's tests assert that it is empty. */
  get unhandled(): readonly UnhandledStanza[] {
    return this.#server.log.unhandled
  }

  /** What clients did against the protocol. */
  get violations(): readonly Violation[] {
    return this.#server.log.violations
  }

  get connections(): ConnectionInfo[] {
    return [...this.#server.connections].map((connection) => ({
      id: connection.id,
      ...connection.subject,
      state: connection.live
        ? 'live'
        : connection.party
          ? 'connected'
          : connection.registration
            ? 'unlinked'
            : 'handshake',
      available: connection.available,
      ...(connection.version ? { version: connection.version.join('.') } : {}),
    }))
  }

  get phones(): Phone[] {
    return [...this.#phones.values()]
  }

  /** Every decoded stanza, both ways. Returns how to stop listening. */
  tap(listener: (stanza: TappedStanza) => void): () => void {
    return this.#server.log.tap(listener)
  }

  /** A new primary device. Rejects with `PHONE_EXISTS`. */
  async createPhone({ autoReply, history, ...options }: PhoneOptions): Promise<Phone> {
    if (!/^\d{5,15}$/.test(options.number)) {
      throw new SimulatorError('BAD_INPUT', 'A number is 5 to 15 digits', { field: 'number' })
    }
    if (options.lid !== undefined && !/^\d{5,20}$/.test(options.lid)) {
      throw new SimulatorError('BAD_INPUT', 'A LID is 5 to 20 digits', { field: 'lid' })
    }
    const random = this.#server.random.stream(`account ${options.number}`)
    const nowSeconds = Math.floor(this.#server.clock.now() / 1000)
    const text = typeof autoReply === 'string' ? { autoReply } : {}
    const account = createAccount({ ...options, ...text }, random, nowSeconds)
    if (history) account.history = history.map(storedChat)
    this.#server.world.add(account)
    const phone = new Phone(this.#server, account)
    if (typeof autoReply === 'function') phone.setAutoReply(autoReply)
    this.#addPhone(phone)
    this.#server.changed()
    return phone
  }

  /** By number or JID. Throws `PHONE_NOT_FOUND`. */
  phone(number: string): Phone {
    const phone = this.#phones.get(parseJid(number)?.user ?? number)
    if (phone) return phone
    throw new SimulatorError('PHONE_NOT_FOUND', `There is no phone ${number}`, { field: 'number' })
  }

  get groups(): GroupInfo[] {
    return [...this.#server.world.state.groups.values()].map((group) => this.#infoOf(group))
  }

  /** Rejects with `PHONE_NOT_FOUND`. */
  async createGroup({ subject, creator, participants, addressing = 'lid', maxSize }: GroupOptions): Promise<GroupInfo> {
    const owner = this.#accountOf(creator, 'creator')
    const members = participants.map((number) => this.#accountOf(number, 'participants'))
    const places = maxSize === undefined ? {} : { maxSize }
    return this.#infoOf(createGroup(this.#server, { subject, creator: owner, members, addressing, ...places }))
  }

  /** Rejects with `GROUP_NOT_FOUND` or `PHONE_NOT_FOUND`. */
  async changeGroup(jid: string, change: GroupChange): Promise<GroupInfo> {
    const group = groupOf(this.#server, jid)
    const by = this.#accountOf(change.by ?? group.creator, 'by')
    for (const kind of PARTICIPANT_CHANGES) {
      const accounts = (change[kind] ?? []).map((number) => this.#accountOf(number, kind))
      if (accounts.length > 0) changeParticipants(this.#server, group, by, kind, accounts)
    }
    const { subject, description, settings, overhearing } = change
    if (subject !== undefined) changeSubject(this.#server, group, by, subject)
    if (description !== undefined) changeDescription(this.#server, group, by, { text: description || undefined })
    if (settings) changeSettings(this.#server, group, by, settings)
    if (overhearing)
      group.overhearing = new Set(overhearing.map((number) => this.#accountOf(number, 'overhearing').number))
    return this.#infoOf(group)
  }

  /** Somebody's phone follows the invitation of a group. Rejects with `GROUP_NOT_FOUND` or `PHONE_NOT_FOUND`. */
  async joinGroup(jid: string, number: string): Promise<GroupInfo> {
    const group = groupOf(this.#server, jid)
    askToJoin(this.#server, group, this.#accountOf(number, 'number'))
    return this.#infoOf(group)
  }

  /** A channel; its posts are not encrypted. Rejects with `PHONE_NOT_FOUND`. */
  async createNewsletter({
    owner,
    subscribers = [],
    ...words
  }: NewsletterOptions): Promise<{ jid: string; invite: string }> {
    const newsletter = createNewsletter(this.#server, {
      ...words,
      owner: this.#accountOf(owner, 'owner'),
      subscribers: subscribers.map((number) => this.#accountOf(number, 'subscribers')),
    })
    return { jid: newsletter.jid, invite: newsletter.invite }
  }

  /** Its owner posts a text, or a file of `uploadOpenMedia`, from somewhere else. Rejects with `GROUP_NOT_FOUND` where there is no such channel. */
  async postToNewsletter(jid: string, post: string | MessageContent): Promise<{ id: string }> {
    const id = this.#server.nextId()
    const message = typeof post === 'string' ? { conversation: post } : post
    const plaintext = Buffer.from(proto.Message.encode(message).finish())
    const type = typeof post === 'string' ? 'text' : 'media'
    deliverPost(this.#server, newsletterOf(this.#server, jid), { id, type, plaintext })
    return { id }
  }

  /** The picture of a channel, a JPEG, where it has one. Rejects with `GROUP_NOT_FOUND`. */
  async newsletterPicture(jid: string): Promise<Buffer | undefined> {
    return newsletterOf(this.#server, jid).picture?.bytes
  }

  /** What is posted in a channel, with the reactions of each number. Rejects with `GROUP_NOT_FOUND`. */
  async newsletterPosts(jid: string): Promise<NewsletterPost[]> {
    return [...newsletterOf(this.#server, jid).posts.values()].map(({ id, message, reactions, edited, deleted }) => {
      const text = textOfMessage(proto.Message.decode(message)) ?? ''
      const change = { ...(edited ? { edited } : {}), ...(deleted ? { deleted } : {}) }
      return { id, text, ...change, reactions: Object.fromEntries(reactions) }
    })
  }

  /** Resolves when the phones have decrypted and answered everything that has arrived. */
  async idle(): Promise<void> {
    await Promise.all(this.phones.map((phone) => phone.idle()))
  }

  /** The state as JSON: accounts, devices, keys, queues, the phones' sessions. Connections and mailboxes are not in it. */
  snapshot(): SimulatorSnapshot {
    return toSnapshot(this.#server.world.state)
  }

  /** Called after anything that a snapshot holds has changed. Returns how to stop listening. */
  onChange(listener: () => void): () => void {
    return this.#server.onChange(listener)
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #shutDown(): Promise<void> {
    await this.#control?.close()
    for (const connection of this.#server.connections) connection.kill()
    await this.#gateway.close()
    await this.#mediaHosts.close()
    await this.idle()
  }

  #accountOf(number: string, field: string): AccountState {
    const { world } = this.#server
    const account = world.account(number) ?? world.accountOf(number)
    if (account) return account
    throw new SimulatorError('PHONE_NOT_FOUND', `There is no phone ${number}`, { field })
  }

  #infoOf(group: GroupState): GroupInfo {
    const { jid, subject, description, settings = {}, requests = [], addressing, creator, participants } = group
    return {
      jid,
      subject,
      ...(description === undefined ? {} : { description }),
      settings,
      inviteCode: inviteCodeOf(this.#server, group),
      requests: [...requests].map(([number]) => number),
      addressing,
      creator,
      participants: [...participants].map(([number, role]) => ({ number, role })),
    }
  }

  #addPhone(phone: Phone): void {
    this.#phones.set(phone.number, phone)
    this.#server.phones.set(phone.number, phone)
  }
}

const PARTICIPANT_CHANGES = ['add', 'remove', 'promote', 'demote'] as const
