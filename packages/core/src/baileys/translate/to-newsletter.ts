import { normalizeJid } from '../../records/jid.js'
import { NEWSLETTER_ROLES, type Newsletter } from '../../types/newsletter.js'
import { shortened } from './bounds.js'
import { present, timeOf } from './description.js'

const PICTURES = 'https://pps.whatsapp.net'

/** A channel as WhatsApp writes it in JSON: every field may be missing, and numbers are texts. */
export interface WireNewsletter {
  id?: unknown
  thread_metadata?: Record<string, unknown> | null
  viewer_metadata?: Record<string, unknown> | null
}

/** `undefined` for what has no id of a channel. */
export function toNewsletter({
  id,
  thread_metadata: thread,
  viewer_metadata: viewer,
}: WireNewsletter): Newsletter | undefined {
  const jid = typeof id === 'string' ? normalizeJid(id) : undefined
  if (!jid?.endsWith('@newsletter')) return undefined
  const role = NEWSLETTER_ROLES.find((known) => known === textIn(viewer?.role)?.toLowerCase())
  const count = Number(textIn(thread?.subscribers_count) ?? Number.NaN)
  const mute = textIn(viewer?.mute)
  return {
    id: jid,
    name: shortened(textIn(thread?.name) ?? ''),
    ...present({ description: textIn(thread?.description), invite: textIn(thread?.invite) }),
    ...present({ pictureUrl: placeOf(thread?.picture) ?? placeOf(thread?.preview) }),
    ...(Number.isSafeInteger(count) && count >= 0 ? { subscriberCount: count } : {}),
    verified: textIn(thread?.verification) === 'VERIFIED',
    ...(role ? { role } : {}),
    ...(mute === undefined ? {} : { muted: mute === 'ON' }),
    ...present({ createdAt: timeOf(textIn(thread?.creation_time)) }),
  }
}

/** Of the picture in full, or of the small one: a path at the host that has all pictures. */
function placeOf(picture: unknown): string | undefined {
  if (typeof picture !== 'object' || picture === null || !('direct_path' in picture)) return undefined
  const path = textIn(picture.direct_path)
  return path?.startsWith('/') && !path.startsWith('//') ? `${PICTURES}${path}` : undefined
}

/** A text, or the `text` of what stands in its place. */
function textIn(value: unknown): string | undefined {
  if (typeof value === 'object' && value !== null && 'text' in value) return textIn(value.text)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
