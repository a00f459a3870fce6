import { TrunklineError } from '../errors/trunkline-error.js'
import { chatKindOf, normalizeJid } from '../records/jid.js'
import { DISAPPEARING_SECONDS, TYPING_STATES } from '../types/chat.js'
import type { DeleteOptions, EditOptions } from '../types/content.js'
import { LIMITS } from '../types/limits.js'
import { EVENT_RESPONSES, type EventAnswer, type MessageRef } from '../types/message.js'
import {
  address,
  fields,
  flag,
  list,
  oneOf,
  optional,
  refuse,
  text,
  time,
  wellFormed,
  wholeNumber,
  wrong,
} from './checks.js'
import { messageRef } from './validation.js'

const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20E3/u

/** What phones show as a reaction: one emoji, whatever it is put together of. */
const reactionEmoji = wellFormed((value) => {
  if (value === '') return undefined
  const isOne = value.length <= LIMITS.emoji.maxLength && [...new Intl.Segmenter().segment(value)].length === 1
  return isOne && EMOJI.test(value) ? undefined : 'must be one emoji, or empty'
})

const editOptions = fields<EditOptions>({
  text: text(LIMITS.text),
  mentions: optional(list(address, LIMITS.mentions)),
})

/** @throws VALIDATION_FAILED naming each field */
export function checkReaction(ref: MessageRef, emoji: string): void {
  refuse([...messageRef(ref, ''), ...reactionEmoji(emoji, 'emoji')])
}

/** @throws VALIDATION_FAILED naming each field · RECIPIENT_INVALID naming the first mention that is no address */
export function checkEdit(ref: MessageRef, options: EditOptions): void {
  refuse([...messageRef(ref, ''), ...editOptions(options, '')])
  for (const [index, to] of (options.mentions ?? []).entries())
    if (!normalizeJid(to))
      throw new TrunklineError('RECIPIENT_INVALID', { details: { field: `mentions.${index}`, to } })
}

/** @throws VALIDATION_FAILED naming each field */
export function checkDeletion(ref: MessageRef, options: DeleteOptions): void {
  refuse([...messageRef(ref, ''), ...fields<DeleteOptions>({ for: optional(oneOf(['everyone', 'me'])) })(options, '')])
}

/** That the poll has these options is seen by the session. @throws VALIDATION_FAILED naming each field */
export function checkVote(ref: MessageRef, options: readonly string[]): void {
  const { maxOptionLength: maxLength, maxOptions: maxCount } = LIMITS.poll
  const errors = list(text({ maxLength }), { maxCount })(options, 'options')
  const isTwice = errors.length === 0 && new Set(options).size < options.length
  refuse([...messageRef(ref, ''), ...errors, ...(isTwice ? wrong('options', 'must have each option once') : [])])
}

/** @throws VALIDATION_FAILED naming each field */
export function checkEventAnswer(ref: MessageRef, answer: EventAnswer): void {
  const extraGuests = optional(wholeNumber({ min: 0, max: LIMITS.event.maxExtraGuests }))
  const answers = fields<EventAnswer>({ response: oneOf(EVENT_RESPONSES), extraGuests })
  refuse([...messageRef(ref, ''), ...answers(answer, '')])
}

/** @throws VALIDATION_FAILED naming each field */
export function checkStar(ref: MessageRef, starred: boolean): void {
  refuse([...messageRef(ref, ''), ...flag(starred, 'starred')])
}

/** @throws VALIDATION_FAILED naming each field */
export function checkMute(options: { until?: string }): void {
  refuse(fields<{ until?: string }>({ until: optional(time) })(options, ''))
}

/** @throws VALIDATION_FAILED naming each field */
export function checkClear(options: { keepStarred?: boolean }): void {
  refuse(fields<{ keepStarred?: boolean }>({ keepStarred: optional(flag) })(options, ''))
}

/** @throws VALIDATION_FAILED */
export function checkTyping(state: string): void {
  refuse(oneOf(TYPING_STATES)(state, 'state'))
}

/** How many messages are asked for. @throws VALIDATION_FAILED */
export function checkHistoryRequest(options: { count?: number }): number {
  const count = wholeNumber({ min: 1, max: LIMITS.history.maxCount })
  refuse(fields<{ count?: number }>({ count: optional(count) })(options, ''))
  return options.count ?? LIMITS.history.maxCount
}

/** @throws VALIDATION_FAILED */
export function checkDisappearing(chatId: string, seconds: number): void {
  const isOffered = DISAPPEARING_SECONDS.some((offered) => offered === seconds)
  if (!isOffered) refuse(wrong('seconds', `must be one of ${DISAPPEARING_SECONDS.join(', ')}`))
  const jid = normalizeJid(chatId)
  if (jid && chatKindOf(jid) !== 'individual')
    refuse(wrong('chatId', 'must be a chat with a person: a group has it among its settings'))
}
