import { TrunklineError } from '../errors/trunkline-error.js'
import { normalizeJid } from '../records/jid.js'
import type { SendOptions, TextContent } from '../types/content.js'
import { LIMITS } from '../types/limits.js'
import { address, type Check, fields, list, oneOf, optional, refuse, text, wrong } from './checks.js'

type ContentType = NonNullable<SendOptions['type']>

/** What everything that is sent has beside its own fields. */
const shared = {
  to: address,
  quotedMessageId: optional(text(LIMITS.messageId)),
  mentions: optional(list(address, LIMITS.mentions)),
  clientMessageId: optional(text(LIMITS.clientMessageId)),
  signal: optional((value, field) => (isAbortSignal(value) ? [] : wrong(field, 'must be an AbortSignal'))),
}

/** The fields of each type. One without a row does not compile. */
const CONTENTS = {
  text: fields<SendOptions & TextContent>({ ...shared, type: optional(oneOf(['text'])), text: text(LIMITS.text) }),
} satisfies Record<ContentType, Check>

const type = optional(oneOf(Object.keys(CONTENTS)))

/**
 * Told before anything about the session: nobody has to be connected to learn that an address is none.
 *
 * @throws VALIDATION_FAILED naming each field · RECIPIENT_INVALID naming the first address that is none
 */
export function checkSend(options: SendOptions): void {
  // Whatever types the caller knows.
  const given: ContentType = options?.type ?? 'text'
  refuse(type(given, 'type'))
  refuse(CONTENTS[given](options, ''))
  const addresses = [
    ['to', options.to],
    ...(options.mentions ?? []).map((mention, index) => [`mentions.${index}`, mention]),
  ]
  for (const [field = '', to = ''] of addresses)
    if (!normalizeJid(to)) throw new TrunklineError('RECIPIENT_INVALID', { details: { field, to } })
}

function isAbortSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}
