import { TrunklineError } from '../errors/trunkline-error.js'
import { normalizeJid } from '../records/jid.js'
import type { EditOptions } from '../types/content.js'
import { LIMITS } from '../types/limits.js'
import type { MessageRef } from '../types/message.js'
import { address, fields, list, optional, refuse, text, wellFormed } from './checks.js'
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
