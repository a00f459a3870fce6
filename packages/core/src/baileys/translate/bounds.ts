/** WhatsApp's own apps cut texts there; a client of somebody's own may not. */
const TEXT_LENGTH = 65_536

/** Names, titles, labels, ids, addresses: whatever is no text of its own. */
const WORD_LENGTH = 4_096

const LIST_LENGTH = 1_024

/** All lists of one message together, in characters of JSON. */
const LISTS_LENGTH = 262_144

const TEXTS: ReadonlySet<string> = new Set(['text', 'caption', 'vcard', 'description', 'data', 'thumbnail'])

/** What a part of would be something else, or nothing. */
const WHOLE: ReadonlySet<string> = new Set([
  ...['id', 'quotedMessageId', 'chatId', 'senderId', 'mentions', 'people'],
  ...['url', 'joinUrl', 'phone', 'code', 'data', 'thumbnail'],
])

/**
 * What a message says, no longer than stores and pages can bear, whatever its sender has put where: texts and names are cut, ids and
 * links that are too long are left out, lists end. The raw form keeps all of it.
 */
export function bounded<Said extends object>(said: Said): Said {
  let left = LISTS_LENGTH
  const within = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return boundedText(value, name)
    if (Array.isArray(value)) return listed(value, name)
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.entries(value).map(([field, part]) => [field, within(part, field)] as const)
    return Object.fromEntries(fields.filter(([, part]) => part !== undefined))
  }
  const listed = (items: readonly unknown[], name: string): unknown[] => {
    const kept = []
    for (const item of items.slice(0, LIST_LENGTH)) {
      const part = within(item, name)
      if (part === undefined) continue
      left -= JSON.stringify(part).length
      if (left < 0) break
      kept.push(part)
    }
    return kept
  }
  return within(said, '') as Said
}

/** A name of somebody or something, as long as names may be. */
export function shortened(name: string): string {
  return name.slice(0, WORD_LENGTH)
}

function boundedText(text: string, name: string): string | undefined {
  const length = TEXTS.has(name) ? TEXT_LENGTH : WORD_LENGTH
  if (text.length <= length) return text
  return WHOLE.has(name) ? undefined : text.slice(0, length)
}
