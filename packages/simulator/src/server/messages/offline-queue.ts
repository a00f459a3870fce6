import { isShared } from '../../model/jid.js'
import type { DeviceState } from '../../model/state.js'
import type { World } from '../../model/world.js'
import { type BinaryNode, childrenNamed, childrenOf } from '../../wire/node.js'

/**
 * What is kept for a device until it confirms, under a key that can be computed from the confirmation. Typing, presence
 * and the like are not kept.
 */
export function queueKeyOf(world: World, stanza: BinaryNode): string | undefined {
  const { id, from, type, participant } = stanza.attrs
  if (id === undefined) return undefined
  switch (stanza.tag) {
    case 'message':
      return messageKey(world, id, from)
    case 'receipt':
      return receiptKey(id, from, type, participant)
    case 'notification':
    case 'call':
      return `${stanza.tag}|${id}`
    default:
      return undefined
  }
}

/** A message is confirmed under the chat that it came in, by phone number or LID, with or without the device. */
const messageKey = (world: World, id: string, chat: string | undefined): string =>
  `message|${id}|${isShared(chat) ? chat : (world.accountOf(chat)?.number ?? '')}`

const receiptKey = (id: string, from = '', type = '', participant = ''): string =>
  `receipt|${id}|${from}|${type}|${participant}`

/** In the order of arrival. */
export const queueOf = (device: DeviceState): BinaryNode[] => [...device.queue.values()]

/** A receipt of any kind but `retry` ends the waiting of the messages that it names. */
export function confirmByReceipt(world: World, device: DeviceState, receipt: BinaryNode): void {
  for (const id of receiptIds(receipt)) {
    const key = findMessage(world, device, id, receipt.attrs.to)
    if (key === undefined) continue
    if (receipt.attrs.type === 'retry') device.retrying.add(key)
    else remove(device, key)
  }
}

/** An ack ends the waiting too, except of a message that a retry was asked for: that one is still to come. */
export function confirmByAck(world: World, device: DeviceState, ack: BinaryNode): void {
  const { id, to, type, participant } = ack.attrs
  if (id === undefined) return
  switch (ack.attrs.class) {
    case 'message': {
      const key = findMessage(world, device, id, to)
      if (key !== undefined && !device.retrying.has(key)) remove(device, key)
      return
    }
    case 'receipt':
      remove(device, receiptKey(id, to, type, participant))
      return
    case 'notification':
    case 'call':
      remove(device, `${ack.attrs.class}|${id}`)
      return
  }
}

/** Baileys leaves `to` out of the receipt for a message from another device of its own account. */
function findMessage(world: World, device: DeviceState, id: string, chat: string | undefined): string | undefined {
  const key = messageKey(world, id, chat)
  if (chat !== undefined) return device.queue.has(key) ? key : undefined
  const prefix = `message|${id}|`
  return [...device.queue.keys()].find((candidate) => candidate.startsWith(prefix))
}

function remove(device: DeviceState, key: string): void {
  device.queue.delete(key)
  device.retrying.delete(key)
}

/** The id of the receipt and those in its list. */
export function receiptIds(receipt: BinaryNode): string[] {
  const listed = childrenNamed(receipt, 'list').flatMap(childrenOf)
  return [receipt.attrs.id, ...listed.map((item) => item.attrs.id)].filter((id) => id !== undefined)
}
