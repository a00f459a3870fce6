import { proto } from '@whiskeysockets/baileys'
import { CONTENT_TABLE, type Content, type ContentField } from './content-table.js'

/** Deeper than anything that phones make; a sender may write anything. */
const MAX_DEPTH = 12

/** A message without its wrappers. */
export interface OpenedContent {
  content: Content
  /** The field that says what the message is; `undefined` when there is none that we know. */
  field: ContentField | undefined
  /** Every `messageContextInfo` on the way, the innermost first. */
  contexts: proto.IMessageContextInfo[]
  /** The message that a comment is about. */
  aboutId?: string
}

/** Takes a message out of its wrappers, however many there are. */
export function openContent(message: Content): OpenedContent {
  const contexts: proto.IMessageContextInfo[] = []
  let content = message
  let aboutId: string | undefined
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (content.messageContextInfo) contexts.unshift(content.messageContextInfo)
    const field = contentField(content)
    const inner = field && innerOf(content, field)
    if (!inner) {
      const isOpen = field !== undefined && CONTENT_TABLE[field].becomes !== 'what is inside'
      return { content, field: isOpen ? field : undefined, contexts, ...(aboutId ? { aboutId } : {}) }
    }
    aboutId = content.commentMessage?.targetMessageKey?.id ?? aboutId
    content = inner
  }
  return { content, field: undefined, contexts }
}

/** The first field that is set and is more than machinery: a message may carry keys and a context beside what it says. */
function contentField(content: Content): ContentField | undefined {
  const fields = Object.keys(content) as ContentField[]
  return fields.find((field) => {
    const isSet = content[field] !== null && content[field] !== undefined
    return isSet && CONTENT_TABLE[field] !== undefined && CONTENT_TABLE[field].becomes !== 'nothing'
  })
}

function innerOf(content: Content, field: ContentField): Content | undefined {
  if (CONTENT_TABLE[field].becomes !== 'what is inside') return undefined
  const wrapper = content[field] as { message?: Content | null }
  return wrapper.message ?? undefined
}

const { AssociationType } = proto.MessageAssociation

/** Copies that phones send beside a picture or a film: nobody sees them as messages of their own. */
const TWINS: ReadonlySet<number> = new Set([
  AssociationType.HD_IMAGE_DUAL_UPLOAD,
  AssociationType.HD_VIDEO_DUAL_UPLOAD,
  AssociationType.HEVC_VIDEO_DUAL_UPLOAD,
  AssociationType.MOTION_PHOTO,
])

export function isTwin({ contexts }: OpenedContent): boolean {
  return contexts.some(({ messageAssociation }) => TWINS.has(messageAssociation?.associationType ?? 0))
}
