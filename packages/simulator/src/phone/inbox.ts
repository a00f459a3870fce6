import { proto } from '@whiskeysockets/baileys'
import { addressingOf, bareJid, isShared } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import { addressOf, type Party } from '../model/world.js'
import { isNewsletterJid } from '../server/newsletters.js'
import { signedPreKeyNode, takeBundle } from '../server/pre-keys.js'
import type { ServerContext } from '../server/server-context.js'
import type { KeyedLock } from '../util/keyed-lock.js'
import { type BinaryNode, bigEndian, childBytes, childOf, childrenNamed, node, toInteger } from '../wire/node.js'
import { appStateKeyShare, writeAppState } from './app-state-writer.js'
import { bootstrapParts, historyNotification } from './history.js'
import type { Mailbox, PhoneFile, PhoneMessage } from './mailbox.js'
import type { PhoneMedia } from './media.js'
import { decodeContent, textOfMessage } from './message-content.js'
import type { Outbox } from './outbox.js'
import { answerPeerRequest } from './peer-requests.js'
import type { PhoneFailure } from './phone-types.js'
import type { PhoneSignal } from './signal-store.js'

const MAX_RETRIES = 5
/** From this attempt on a retry receipt carries a fresh key bundle. */
const KEYS_FROM_ATTEMPT = 2

/** The phone that an inbox is a part of. */
export interface InboxOwner {
  /** A message that the phone may want to answer. */
  answer(message: PhoneMessage): Promise<void>
  sendReceipt(attributes: Record<string, string | undefined>, content?: BinaryNode[]): void
  failed(failure: PhoneFailure): void
}

export interface InboxOptions {
  server: ServerContext
  account: AccountState
  signal: () => PhoneSignal
  locks: KeyedLock
  mailbox: Mailbox
  media: PhoneMedia
  owner: InboxOwner
  outbox: Outbox
}

/** The receiving half of a phone: decrypts in the order of arrival, confirms, asks again, answers. */
export class Inbox {
  readonly #options: InboxOptions
  readonly #attempts = new Map<string, number>()

  constructor(options: InboxOptions) {
    this.#options = options
  }

  receive(stanza: BinaryNode): void {
    const { server, account, owner } = this.#options
    if (isNewsletterJid(stanza.attrs.from)) this.#keepPost(stanza)
    const author = server.world.partyOf(stanza.attrs.participant ?? stanza.attrs.from)
    if (!author) return
    if (!account.decrypts) {
      this.#confirm(stanza, author)
      return
    }
    this.#inBackground(addressOf(author), stanza, async () => {
      const message = await this.#read(stanza, author)
      // Not under the lock: the answer goes to the same address.
      if (message) this.#inBackground(`answer ${message.id}`, stanza, () => owner.answer(message))
    })
  }

  /** The history at once, even when it is empty: Baileys holds back its events for 20 s otherwise. */
  bootstrap(deviceId: number): void {
    const { server, account, outbox } = this.#options
    this.#inBackground('outbox', node('bootstrap'), async () => {
      const device = account.devices.get(deviceId)
      if (!device || device.bootstrapped) return
      // Before anything that it opens: a client that hears of a patch without having its key asks for the key.
      await outbox.sendToCompanion(deviceId, appStateKeyShare(account))
      device.keyShared = true
      if (account.appState.collections.size === 0) {
        await writeAppState(server, account, { pushNameSetting: account.name }, '')
      }
      for (const part of bootstrapParts(account)) {
        await outbox.sendToCompanion(deviceId, historyNotification(server.world, account, part))
      }
      device.bootstrapped = true
      server.changed()
    })
  }

  /** A device could not decrypt what this phone sent: with its new keys, or on a fresh session, once more. */
  onRetry(receipt: BinaryNode): void {
    const { server, account, signal, outbox } = this.#options
    const { from, participant, id = '' } = receipt.attrs
    const asker = server.world.partyOf(participant ?? from)
    if (!asker || !account.phone.sent.has(id)) return
    const count = childOf(receipt, 'retry')?.attrs.count ?? '1'
    if (Number(count) > MAX_RETRIES) return
    const address = addressOf(asker)
    if (isShared(from)) account.phone.senderKeyHolders.get(from ?? '')?.delete(address)
    this.#inBackground(address, receipt, async () => {
      const bundle = bundleIn(receipt) ?? takeBundle(server, asker)
      signal().forgetSession(address)
      await signal().startSession(address, bundle)
      // Not under the lock: the resend takes it too.
      this.#inBackground('outbox', receipt, () => outbox.resend(asker, id, count))
    })
  }

  async #read(stanza: BinaryNode, author: Party): Promise<PhoneMessage | undefined> {
    const { server } = this.#options
    try {
      const content = await this.#decrypt(stanza, author)
      this.#attempts.delete(attemptKey(stanza))
      this.#confirm(stanza, author)
      return content && this.#keep(stanza, author, content)
    } catch (error) {
      this.#onUnreadable(stanza, error)
      return undefined
    } finally {
      server.changed()
    }
  }

  /** All `enc` of a stanza are one message: a sender-key distribution comes before what it opens. */
  async #decrypt(stanza: BinaryNode, author: Party): Promise<proto.Message | undefined> {
    const { signal } = this.#options
    const group = stanza.attrs.from ?? ''
    let content: proto.Message | undefined
    for (const enc of childrenNamed(stanza, 'enc')) {
      const ciphertext = enc.content instanceof Uint8Array ? enc.content : Buffer.alloc(0)
      const padded =
        enc.attrs.type === 'skmsg'
          ? await signal().decryptFromGroup(group, addressOf(author), ciphertext)
          : await signal().decrypt(addressOf(author), enc.attrs.type, ciphertext)
      const decoded = decodeContent(padded)
      const distribution = decoded.senderKeyDistributionMessage?.axolotlSenderKeyDistributionMessage
      if (distribution && isShared(group)) {
        await signal().acceptDistribution(group, addressOf(author), distribution)
        if (!hasOtherContent(decoded)) continue
      }
      content = decoded
    }
    return content
  }

  #confirm(stanza: BinaryNode, author: Party): void {
    const { account, owner } = this.#options
    const { id, from, participant, category } = stanza.attrs
    if (author.account === account || category === 'peer' || !account.autoDeliveredReceipts) return
    const to = isShared(from) ? from : bareJid(author.account, addressingOf(from))
    owner.sendReceipt({ id, to, participant: isShared(from) ? participant : undefined })
  }

  #keep(stanza: BinaryNode, author: Party, content: proto.Message): PhoneMessage | undefined {
    const { server, account, mailbox } = this.#options
    const { id = '', from = '' } = stanza.attrs
    const sent = content.deviceSentMessage
    const message = sent?.message ?? content
    const writer = bareJid(author.account)
    if (stanza.attrs.category === 'peer') {
      this.#onPeerRequest(author, id, message)
      return undefined
    }
    if (mailbox.has(id, writer)) return undefined
    const fromMe = author.account === account
    const text = textOfMessage(message)
    const media = this.#fileOf(id, writer, message)
    const { edit } = stanza.attrs
    const kept: PhoneMessage = {
      id,
      from: writer,
      chat: isShared(from) ? from : fromMe ? this.#chatOf(sent?.destinationJid) : writer,
      addressing: addressingOf(stanza.attrs.participant ?? from),
      ...(text === undefined ? {} : { text }),
      ...(edit === undefined ? {} : { edit }),
      fromMe,
      ...(media ? { media } : {}),
      message,
      at: new Date(server.clock.now()).toISOString(),
    }
    mailbox.add(kept)
    return kept
  }

  /** What is posted in a channel is not sealed; the channel itself is who writes. */
  #keepPost(stanza: BinaryNode): void {
    const { server, mailbox } = this.#options
    const { id = '', from = '' } = stanza.attrs
    const plaintext = childBytes(stanza, 'plaintext')
    if (!plaintext || stanza.attrs.edit !== undefined || mailbox.has(id, from)) return
    const message = proto.Message.decode(plaintext)
    const text = textOfMessage(message)
    const at = new Date(server.clock.now()).toISOString()
    const words = text === undefined ? {} : { text }
    const file = this.#fileOf(id, from, message)
    const media = file ? { media: file } : {}
    mailbox.add({ id, from, chat: from, addressing: 'pn', ...words, ...media, fromMe: false, message, at })
  }

  /** A phone fetches what it gets; what it cannot read is among its failures, and the message is there all the same. */
  #fileOf(id: string, from: string, message: proto.IMessage): PhoneFile | undefined {
    const { media, owner } = this.#options
    try {
      return media.download(message)
    } catch (error) {
      owner.failed({ id, from, reason: error instanceof Error ? error.message : String(error) })
      return undefined
    }
  }

  #onPeerRequest({ deviceId }: Party, id: string, content: proto.IMessage): void {
    const { outbox } = this.#options
    const answer = answerPeerRequest(this.#options, id, content)
    if (answer) this.#inBackground('outbox', node('message', { id }), () => outbox.sendToCompanion(deviceId, answer))
  }

  #chatOf(destination: string | null | undefined): string {
    const account = this.#options.server.world.accountOf(destination ?? undefined)
    return account ? bareJid(account) : (destination ?? '')
  }

  #onUnreadable(stanza: BinaryNode, error: unknown): void {
    const { owner } = this.#options
    const { id = '', from = '', participant, recipient } = stanza.attrs
    owner.failed({
      id,
      from: participant ?? from,
      reason: error instanceof Error ? error.message : String(error),
    })
    const key = attemptKey(stanza)
    const attempt = (this.#attempts.get(key) ?? 0) + 1
    this.#attempts.set(key, attempt)
    if (attempt > MAX_RETRIES) return
    this.#askAgain(stanza, attempt, { id, to: from, participant, recipient })
  }

  #askAgain(stanza: BinaryNode, attempt: number, attributes: Record<string, string | undefined>): void {
    const { server, account, owner } = this.#options
    const content = [
      node('retry', { count: String(attempt), id: stanza.attrs.id, t: stanza.attrs.t, v: '1', error: '0' }),
      node('registration', {}, bigEndian(account.phone.registrationId, 4)),
      ...(attempt >= KEYS_FROM_ATTEMPT ? [keysNode(server, account)] : []),
    ]
    owner.sendReceipt({ ...attributes, type: 'retry' }, content)
  }

  /** Under the lock of the key; what goes wrong is among the phone's failures. */
  #inBackground(key: string, about: BinaryNode, task: () => Promise<void>): void {
    const { locks, owner } = this.#options
    void locks.run(key, task).catch((error: unknown) => {
      owner.failed({ id: about.attrs.id ?? '', from: about.attrs.from ?? '', reason: String(error) })
    })
  }
}

const attemptKey = (stanza: BinaryNode): string => `${stanza.attrs.id}|${stanza.attrs.participant ?? stanza.attrs.from}`

const hasOtherContent = (content: proto.Message): boolean =>
  Object.entries(content).some(
    ([key, value]) => value != null && key !== 'senderKeyDistributionMessage' && key !== 'messageContextInfo',
  )

function keysNode(server: ServerContext, account: AccountState): BinaryNode {
  const bundle = takeBundle(server, { account, deviceId: 0 })
  const { preKey } = bundle
  return node('keys', {}, [
    node('type', {}, Buffer.from([5])),
    node('identity', {}, bundle.identity),
    ...(preKey ? [node('key', {}, [node('id', {}, bigEndian(preKey.id, 3)), node('value', {}, preKey.public)])] : []),
    signedPreKeyNode(bundle.signedPreKey),
  ])
}

/** The bundle that comes with a retry from the second attempt on. */
function bundleIn(receipt: BinaryNode) {
  const keys = childOf(receipt, 'keys')
  const skey = childOf(keys, 'skey')
  const [identity, registration] = [childBytes(keys, 'identity'), childBytes(receipt, 'registration')]
  const [id, value, signature] = ['id', 'value', 'signature'].map((name) => childBytes(skey, name))
  if (!identity || !registration || !id || !value || !signature) return undefined
  const [preKeyId, preKey] = ['id', 'value'].map((name) => childBytes(childOf(keys, 'key'), name))
  return {
    registrationId: toInteger(registration),
    identity,
    signedPreKey: { id: toInteger(id), public: value, signature },
    ...(preKeyId && preKey ? { preKey: { id: toInteger(preKeyId), public: preKey } } : {}),
  }
}
