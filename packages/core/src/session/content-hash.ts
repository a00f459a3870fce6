import { createHash } from 'node:crypto'
import { normalizeJid } from '../records/jid.js'
import type { DeliveryOptions, MediaInput, MessageContent } from '../types/content.js'

/**
 * What a request asks to be sent and when, as one hash: two requests that say the same in other words have the same one. Whom it
 * is sent to is no part of it.
 */
export function contentHashOf(
  content: MessageContent,
  { fileSha256, delivery = {} }: { fileSha256?: string; delivery?: DeliveryOptions } = {},
): string {
  const { type = 'text', mentions = [], ...given } = content
  const rest = 'media' in given ? { ...given, media: fileOf(given.media, fileSha256) } : given
  const named = typeof mentions === 'string' ? mentions : mentions.map((mention) => normalizeJid(mention) ?? mention)
  const said = canonical({ type, ...rest, ...(named.length > 0 ? { mentions: named } : {}), ...asked(delivery) })
  return createHash('sha256').update(said).digest('base64url')
}

/** Without what is so anyway. */
function asked({ queue, sendAt, expiresAt, priority, typing }: DeliveryOptions): DeliveryOptions {
  return {
    ...(queue ? { queue } : {}),
    ...(sendAt === undefined ? {} : { sendAt: new Date(sendAt).toISOString() }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    ...(priority === undefined || priority === 'normal' ? {} : { priority }),
    ...(typing === undefined ? {} : { typing }),
  }
}

/** Bytes are known by their hash, however they came; what a URL gives is not asked for. */
function fileOf({ mimetype, fileName, ...source }: MediaInput, sha256: string | undefined) {
  return { ...('url' in source ? { url: source.url } : { sha256 }), mimetype, fileName }
}

/** JSON with the fields of each object in one order, whatever order they were given in. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
}
