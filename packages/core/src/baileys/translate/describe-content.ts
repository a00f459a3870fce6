import { bounded } from './bounds.js'
import { CONTENT_TABLE, type Content, type ContentField, type ContentParts, type ContentRow } from './content-table.js'
import { contextOf } from './context-info.js'
import type { Description } from './description.js'
import { isTwin, type OpenedContent, openContent } from './open-content.js'
import { protocolRow } from './protocol-table.js'

/** What a message says; `undefined` for machinery. What this version cannot read is `unknown`, and is kept with its raw form. */
export function describeContent(opened: OpenedContent): Description | undefined {
  const { content, field, aboutId } = opened
  if (!field) return isMachinery(content) ? undefined : { type: 'unknown' }
  if (isTwin(opened)) return { type: 'hidden' }
  const described = describeField(content, field)
  if (!described) return undefined
  const context = contextOf(content, field, describeQuoted)
  const whole = bounded({ ...described, ...context, ...(aboutId ? { quotedMessageId: aboutId } : {}) })
  return isEmpty(whole) ? { ...whole, type: 'unknown' } : whole
}

/** Without what it quotes itself. */
function describeQuoted(message: Content): Description | undefined {
  const { content, field } = openContent(message)
  return field && describeField(content, field)
}

function describeField<Field extends ContentField>(content: Content, field: Field): Description | undefined {
  const row: ContentRow<ContentParts[Field]> = CONTENT_TABLE[field]
  // `openContent` has found the field because it is set.
  if ('describe' in row) return row.describe(content[field] as ContentParts[Field])
  const protocol = content.protocolMessage && protocolRow(content.protocolMessage)
  if (!protocol) return { type: 'hidden' }
  if ('describe' in protocol && content.protocolMessage) return protocol.describe(content.protocolMessage)
  // An edit or a deletion of nothing that we could name.
  return protocol.becomes === 'change' ? { type: 'hidden' } : undefined
}

/** Keys of a group travel alone, too. What holds nothing that we know at all comes from a newer WhatsApp. */
export function isMachinery({
  senderKeyDistributionMessage,
  fastRatchetKeySenderKeyDistributionMessage,
}: Content): boolean {
  return Boolean(senderKeyDistributionMessage ?? fastRatchetKeySenderKeyDistributionMessage)
}

const SAID = ['text', 'media', 'location', 'buttons', 'selection', 'ad', 'amount', 'event', 'invite', 'order'] as const

/** Words that are not there: nobody sees a message. */
function isEmpty(described: Description): boolean {
  const { type } = described
  if (type !== 'text' && type !== 'interactive' && type !== 'product' && type !== 'payment') return false
  return SAID.every((name) => described[name] === undefined)
}
