import { proto } from '@whiskeysockets/baileys'
import { addressingOf, bareJid, deviceJid, isShared, STATUS_JID } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import { addressOf, type Party, partiesOf } from '../model/world.js'
import { routeMessage } from '../server/messages/routing.js'
import { takeBundle } from '../server/pre-keys.js'
import type { ServerContext } from '../server/server-context.js'
import type { KeyedLock } from '../util/keyed-lock.js'
import { type BinaryNode, node } from '../wire/node.js'
import type { Mailbox, PhoneMessage } from './mailbox.js'
import { mediaIn } from './media.js'
import {
  asSentCopy,
  editAttributeOf,
  encodeContent,
  type MessageContent,
  stanzaTypeOf,
  textOfMessage,
} from './message-content.js'
import type { PhoneSignal } from './signal-store.js'

export interface OutboxOptions {
  server: ServerContext
  account: AccountState
  signal: () => PhoneSignal
  locks: KeyedLock
  mailbox: Mailbox
  nextMessageId: () => string
}

/** The sending half of a phone: one ciphertext for every device of the receiver and for the account's own companions. */
export class Outbox {
  readonly #options: OutboxOptions

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** In the order of the calls. Resolves with the id. */
  send(chat: string, content: MessageContent): Promise<string> {
    const { locks, nextMessageId } = this.#options
    const id = nextMessageId()
    return locks.run('outbox', async () => {
      await this.#sendTo(id, chat, content)
      this.#remember(id, chat, content)
      return id
    })
  }

  /** For one companion of this account, e.g. the history: no chat, no copy. */
  async sendToCompanion(deviceId: number, content: MessageContent): Promise<void> {
    const { server, account, nextMessageId } = this.#options
    const party = { account, deviceId }
    const enc = await this.#encrypt(party, encodeContent(content))
    const attributes = {
      from: bareJid(account),
      id: nextMessageId(),
      type: 'text',
      category: 'peer',
      t: server.seconds(),
      notify: account.name,
      addressing_mode: 'pn',
      sender_lid: bareJid(account, 'lid'),
    }
    server.deliver(party, node('message', attributes, [enc]))
  }

  /** Once more for a device that could not decrypt, on a fresh session. */
  async resend(party: Party, id: string, count: string): Promise<void> {
    const { server, account } = this.#options
    const sent = account.phone.sent.get(id)
    if (!sent) return
    const content = proto.Message.decode(sent.message)
    const own = party.account === account
    const enc = await this.#encrypt(party, encodeContent(own ? asSentCopy(sent.chat, content) : content), { count })
    const group = isShared(sent.chat)
    const receiver = deviceJid(party.account, party.deviceId, group ? 'lid' : addressingOf(sent.chat))
    const attributes = {
      id,
      to: group ? sent.chat : receiver,
      participant: group ? receiver : undefined,
      recipient: own && !group ? sent.chat : undefined,
      type: stanzaTypeOf(content),
      edit: editAttributeOf(content),
    }
    routeMessage(server, this.#party, node('message', attributes, [enc]))
  }

  get #party(): Party {
    return { account: this.#options.account, deviceId: 0 }
  }

  async #sendTo(id: string, chat: string, content: MessageContent): Promise<void> {
    const { server } = this.#options
    const attributes = { id, to: chat, type: stanzaTypeOf(content), edit: editAttributeOf(content) }
    const children = isShared(chat) ? await this.#forGroup(chat, content) : await this.#forPeople(chat, content)
    routeMessage(server, this.#party, node('message', attributes, children))
  }

  async #forPeople(chat: string, content: MessageContent): Promise<BinaryNode[]> {
    const { server, account } = this.#options
    const target = server.world.accountOf(chat)
    const receivers = [...(target && target !== account ? partiesOf(target) : []), ...companionsOf(account)]
    const plain = encodeContent(content)
    const copy = encodeContent(asSentCopy(chat, content))
    const addressing = addressingOf(chat)
    const to = await Promise.all(
      receivers.map(async (party) => {
        const enc = await this.#encrypt(party, party.account === account ? copy : plain)
        return node('to', { jid: deviceJid(party.account, party.deviceId, addressing) }, [enc])
      }),
    )
    return [node('participants', {}, to)]
  }

  /** The sender key goes to those who have not got it yet; the message itself is encrypted once. */
  async #forGroup(chat: string, content: MessageContent): Promise<BinaryNode[]> {
    const { account, signal } = this.#options
    const { senderKeyHolders } = account.phone
    // A status is for other people each time: all of them are named.
    const known = chat === STATUS_JID ? undefined : senderKeyHolders.get(chat)
    const holders = known ?? new Set<string>()
    senderKeyHolders.set(chat, holders)
    const own = addressOf(this.#party)
    const distribution = encodeContent({
      senderKeyDistributionMessage: {
        groupId: chat,
        axolotlSenderKeyDistributionMessage: await signal().distributionMessage(chat, own),
      },
    })
    const newcomers = this.#membersOf(chat).filter(
      (party) => addressOf(party) !== own && !holders.has(addressOf(party)),
    )
    const to = await Promise.all(
      newcomers.map(async (party) => {
        const enc = await this.#encrypt(party, distribution)
        holders.add(addressOf(party))
        return node('to', { jid: deviceJid(party.account, party.deviceId, 'lid') }, [enc])
      }),
    )
    const ciphertext = await signal().encryptForGroup(chat, own, encodeContent(content))
    const shared = node('enc', { v: '2', type: 'skmsg' }, ciphertext)
    return to.length > 0 ? [node('participants', {}, to), shared] : [shared]
  }

  #membersOf(group: string): Party[] {
    const { server, account } = this.#options
    const { world } = server
    const numbers = group === STATUS_JID ? statusAudience(account) : (world.group(group)?.participants.keys() ?? [])
    return [...numbers].flatMap((number) => {
      const member = world.account(number)
      return member ? partiesOf(member) : []
    })
  }

  #encrypt(party: Party, plaintext: Uint8Array, attributes: { count?: string } = {}): Promise<BinaryNode> {
    const { server, locks, signal } = this.#options
    const address = addressOf(party)
    return locks.run(address, async () => {
      const sessions = signal()
      if (!sessions.hasSession(address)) await sessions.startSession(address, takeBundle(server, party))
      const { type, ciphertext } = await sessions.encrypt(address, plaintext)
      return node('enc', { v: '2', type, ...attributes }, ciphertext)
    })
  }

  #remember(id: string, chat: string, content: MessageContent): void {
    const { server, account, mailbox } = this.#options
    account.phone.sent.set(id, { chat, message: Buffer.from(proto.Message.encode(content).finish()) })
    const text = textOfMessage(content)
    const target = server.world.accountOf(chat)
    const edit = editAttributeOf(content)
    mailbox.add({
      id,
      from: bareJid(account),
      chat: target ? bareJid(target) : chat,
      addressing: addressingOf(chat),
      ...(text === undefined ? {} : { text }),
      ...(edit === undefined ? {} : { edit }),
      fromMe: true,
      ...fileIn(content),
      message: content,
      at: new Date(server.clock.now()).toISOString(),
    })
    server.changed()
  }
}

function fileIn(content: MessageContent): Pick<PhoneMessage, 'media'> {
  const file = mediaIn(content)?.media
  if (!file?.fileSha256) return {}
  return { media: { sha256: Buffer.from(file.fileSha256).toString('hex'), bytes: Number(file.fileLength) } }
}

function statusAudience({ number, peers, statusPrivacy }: AccountState): string[] {
  const { type, numbers } = statusPrivacy ?? { type: 'contacts', numbers: [] }
  const readers =
    type === 'whitelist' ? numbers : [...peers].filter((one) => type === 'contacts' || !numbers.includes(one))
  return [number, ...readers]
}

const companionsOf = (account: AccountState): Party[] => partiesOf(account).filter(({ deviceId }) => deviceId !== 0)
