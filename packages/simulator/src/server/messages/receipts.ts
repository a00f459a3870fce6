import { addressingOf, bareJid, deviceJid, isShared } from '../../model/jid.js'
import type { AccountState } from '../../model/state.js'
import { addressOf, type Party, partiesOf } from '../../model/world.js'
import { type BinaryNode, node } from '../../wire/node.js'
import type { ServerContext } from '../server-context.js'
import { receiptIds } from './offline-queue.js'

/** Receipts that end at the server. */
const NOT_FORWARDED = new Set(['inactive', 'hist_sync', 'peer_msg'])

/** A receipt of one device to those whom it concerns: the author of the messages, or the reader's other devices. */
export function routeReceipt(server: ServerContext, reader: Party, receipt: BinaryNode): void {
  const { to, type } = receipt.attrs
  if (type !== undefined && NOT_FORWARDED.has(type)) return
  if (type === 'retry') {
    routeRetry(server, reader, receipt)
    return
  }
  if (type === 'server-error') {
    routeMediaRetry(server, reader, receipt)
    return
  }
  if (type === 'sender') {
    routeToSendingDevice(server, reader, receipt)
    return
  }

  const author = isShared(to) ? server.world.accountOf(receipt.attrs.participant) : server.world.accountOf(to)
  if (!author) return
  if (author !== reader.account && type !== 'read-self' && news(author, reader, receipt)) {
    const forAuthor = receiptNode(server, receipt, senderOf(receipt, reader.account))
    for (const party of partiesOf(author)) server.deliver(party, forAuthor)
  }
  if (type === 'read' || type === 'read-self') tellOwnDevices(server, reader, receipt)
}

/** Several devices of one person confirm the same message; the author hears of its delivery once. */
function news(author: AccountState, reader: Party, receipt: BinaryNode): boolean {
  if (receipt.attrs.type !== undefined) return true
  const records = receiptIds(receipt).flatMap((id) => author.routes.get(id) ?? [])
  if (records.length === 0) return true
  const first = records.filter((record) => !record.deliveredBy.has(reader.account.number))
  for (const record of first) record.deliveredBy.add(reader.account.number)
  return first.length > 0
}

/** In the addressing of the chat: the author's client takes `from` for the chat of the message. */
function senderOf(receipt: BinaryNode, reader: AccountState): Record<string, string | undefined> {
  const { to, participant } = receipt.attrs
  if (!isShared(to)) return { from: bareJid(reader, addressingOf(to)) }
  return { from: to, participant: bareJid(reader, addressingOf(participant)) }
}

function tellOwnDevices(server: ServerContext, reader: Party, receipt: BinaryNode): void {
  const { to, participant } = receipt.attrs
  const addressing = addressingOf(participant ?? to)
  const chat = server.world.accountOf(to)
  const attributes = isShared(to)
    ? { from: to, participant: bareJid(reader.account, addressing) }
    : { from: deviceJid(reader.account, reader.deviceId, addressing), recipient: chat && bareJid(chat, addressing) }
  for (const party of partiesOf(reader.account)) {
    if (party.deviceId !== reader.deviceId) server.deliver(party, receiptNode(server, receipt, attributes))
  }
}

/** `sender`: a copy of an own message has arrived at another own device. `to` may be missing. */
function routeToSendingDevice(server: ServerContext, reader: Party, receipt: BinaryNode): void {
  const author = server.world.partyOf(receipt.attrs.to)
  if (!author || author.account !== reader.account || author.deviceId === reader.deviceId) return
  const from = deviceJid(reader.account, reader.deviceId, addressingOf(receipt.attrs.to))
  server.deliver(author, receiptNode(server, receipt, { from, recipient: receipt.attrs.recipient }))
}

/** The device that could not decrypt asks the device that encrypted, with what it needs to do it again. */
function routeRetry(server: ServerContext, reader: Party, receipt: BinaryNode): void {
  const { to, participant, recipient, id = '' } = receipt.attrs
  const author = server.world.partyOf(isShared(to) ? participant : to)
  if (!author) return
  author.account.routes.get(id)?.retryFor.add(addressOf(reader))
  const asker = deviceJid(reader.account, reader.deviceId, addressingOf(participant ?? to))
  const attributes = isShared(to) ? { from: to, participant: asker } : { from: asker, recipient }
  server.deliver(author, node('receipt', { ...attributes, id, type: 'retry', t: server.seconds() }, receipt.content))
}

/** A file is gone from the media hosts: the account's own phone is asked to upload it again. */
function routeMediaRetry(server: ServerContext, reader: Party, receipt: BinaryNode): void {
  const { id } = receipt.attrs
  const from = deviceJid(reader.account, reader.deviceId)
  const attributes = { from, id, type: 'server-error', t: server.seconds() }
  server.deliver({ account: reader.account, deviceId: 0 }, node('receipt', attributes, receipt.content))
}

function receiptNode(
  server: ServerContext,
  receipt: BinaryNode,
  attributes: Record<string, string | undefined>,
): BinaryNode {
  const { id, type, t } = receipt.attrs
  return node('receipt', { ...attributes, id, type, t: t ?? server.seconds() }, receipt.content)
}
