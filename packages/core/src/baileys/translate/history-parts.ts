import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { ConnectionEvent } from '../../ports/connector.js'
import type { Jid } from '../../types/jid.js'
import type { Preload } from './preload.js'
import { newestOfEach, toHistory } from './to-history.js'

type HistoryEvent = Extract<ConnectionEvent, { type: 'history' }>

/** Few enough to be translated and stored in some milliseconds: nothing else of the process goes on meanwhile. */
const MAX_TOGETHER = 200

/**
 * A history as events that are made one after the other: who is who, then the messages, the newest ones first and oldest first in
 * each part, then the chats. The last one says how far the history has come.
 */
export function historyParts(
  set: BaileysEventMap['messaging-history.set'],
  { me, preload }: { me: Jid; preload: Preload },
): (() => HistoryEvent)[] {
  let isAdmitted = false
  const part = (one: typeof set): HistoryEvent => {
    if (!isAdmitted) preload.admit(newestOfEach(set))
    isAdmitted = true
    const event = toHistory(one, { me, preload })
    // Each conversation begins with its newest message.
    return { ...event, messages: event.messages.reverse() }
  }
  if (Math.max(set.messages.length, set.chats.length, set.contacts.length) <= MAX_TOGETHER) return [() => part(set)]
  const { progress, ...rest } = set
  const nothing = { ...rest, messages: [], chats: [], contacts: [], lidPnMappings: [] }
  const sets: (typeof set)[] = [
    { ...nothing, lidPnMappings: set.lidPnMappings ?? [] },
    ...slicesOf(set.contacts).map((contacts) => ({ ...nothing, contacts })),
    ...slicesOf(set.messages).map((messages) => ({ ...nothing, messages })),
    ...slicesOf(set.chats).map((chats) => ({ ...nothing, chats })),
  ]
  const last = { ...nothing, ...(progress === undefined ? {} : { progress }) }
  return [...sets.map((one) => () => ({ ...part(one), done: false })), () => part(last)]
}

function slicesOf<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / MAX_TOGETHER)
  return Array.from({ length: count }, (_, place) => items.slice(place * MAX_TOGETHER, (place + 1) * MAX_TOGETHER))
}
