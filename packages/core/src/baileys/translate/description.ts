import type { MessageBody, MessageType } from '../../types/message.js'
import { isoTime } from '../../util/iso-time.js'

/** What one content field of a message says. `quotedMessageId`: where it is about another message without quoting it. */
export interface Description extends MessageBody {
  type: MessageType
  quotedMessageId?: string
}

type Word = string | null | undefined

/** What a person reads one below the other: nothing twice, nothing empty; `undefined` when nothing is left. */
export function lines(...words: Word[]): string | undefined {
  const shown = [...new Set(words.filter((word) => word !== null && word !== undefined && word.trim() !== ''))]
  return shown.length > 0 ? shown.join('\n') : undefined
}

/** The fields that are there; what is missing or empty is left out. */
export function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], null | undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return Object.fromEntries(kept) as { [Name in keyof Fields]?: Exclude<Fields[Name], null | undefined> }
}

/** A message of `type` with its words one below the other. */
export function worded(type: MessageType, words: readonly Word[], body: Omit<MessageBody, 'text'> = {}): Description {
  return { type, ...present({ text: lines(...words) }), ...body }
}

/** A line of the chat that nobody wrote. */
export function notice(kind: string, value?: string): Description {
  return { type: 'system', notice: { kind, ...present({ value }) } }
}

type Long = number | { toString(): string } | null | undefined

/** What is counted in 64 bits, of which a sender may fill all: no more than a number holds exactly. */
export function countOf(count: Long): number {
  return Math.min(Math.max(Math.trunc(Number(count ?? 0)) || 0, 0), Number.MAX_SAFE_INTEGER)
}

/** An amount in units of `1 / scale`, as WhatsApp counts money. */
export function amountOf(currency: Word, units: Long, scale = 1000): MessageBody['amount'] {
  const value = Number(units ?? 0) / scale
  return currency && Number.isFinite(value) && value !== 0 ? { currency, value: String(value) } : undefined
}

/** Seconds since 1970, as phones write them. */
export function timeOf(seconds: Long): string | undefined {
  const ms = Number(seconds ?? 0) * 1000
  return ms > 0 ? isoTime(ms) : undefined
}
