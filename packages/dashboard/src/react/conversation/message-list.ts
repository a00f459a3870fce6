import type { Message } from '../types.js'

/** What happened to one message. */
export type MessageNews =
  | { kind: 'message'; message: Message }
  | { kind: 'status'; messageId: string; status: Message['status'] }

/** An id alone is not unique within a chat: that of another sender may be the same. */
export function keyOf({ id, senderId }: Message): string {
  return `${id} ${senderId}`
}

/** Messages that are known with a page of others, newest first: all of them oldest first, each once, as the page has it. Pure. */
export function withPage(known: readonly Message[], page: readonly Message[]): readonly Message[] {
  const inPage = new Set(page.map(keyOf))
  const rest = known.filter((message) => !inPage.has(keyOf(message)))
  // WhatsApp's times are seconds: of one second, the order of the page is the order that there was.
  return [...page.toReversed(), ...rest].sort((one, other) => one.timestamp.localeCompare(other.timestamp))
}

/** The same list where nothing changed. Pure. */
export function withNews(known: readonly Message[], news: MessageNews): readonly Message[] {
  if (news.kind === 'message') return withMessage(known, news.message)
  const at = known.findIndex(({ id, fromMe }) => id === news.messageId && fromMe)
  const message = known[at]
  if (!message || further(message.status, news.status) === message.status) return known
  return known.with(at, { ...message, status: news.status })
}

const WAY: readonly Message['status'][] = ['queued', 'pending', 'sent', 'delivered', 'read', 'played']

/** A message goes forward only; that it failed, or that nobody knows, may be said until it is known to have arrived. */
export function further(one: Message['status'], other: Message['status']): Message['status'] {
  const [here, there] = [WAY.indexOf(one), WAY.indexOf(other)]
  if (there === -1) return here > WAY.indexOf('sent') ? one : other
  return there > here ? other : one
}

function withMessage(known: readonly Message[], message: Message): readonly Message[] {
  const key = keyOf(message)
  const at = known.findIndex((other) => keyOf(other) === key)
  const before = known[at]
  // The answer to a call may come after the events that followed it.
  if (before) return known.with(at, { ...message, status: further(before.status, message.status) })
  // Most are the newest; one that waited at WhatsApp may not be.
  const after = known.findLastIndex(({ timestamp }) => timestamp <= message.timestamp)
  return known.toSpliced(after + 1, 0, message)
}
