import { z } from 'zod'

/** Fixed parts of paths under `/sessions/`; a session of that name could not be reached by its own path. */
export const RESERVED_SESSION_IDS = ['stats', 'active', 'connected', 'problematic', 'cleanup-inactive'] as const

export const sessionIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -')

/** A phone number, a JID or a chat id, as people write them: `+1 555-000-0001`, `15550000001@s.whatsapp.net`, `…@lid`, `…@g.us`. */
export const addressSchema = z.string().trim().min(1).max(128)

export const messageIdSchema = z.string().min(1).max(128)

/** ISO 8601 in UTC. */
export const timeSchema = z.iso.datetime()

export const countSchema = z.int().min(0)

export const cursorSchema = z.string().min(1).max(1024)

/** Page parameters of a query string. */
export const pageQueryFields = {
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: cursorSchema.optional(),
}

/** `true` or `false` in a query string. */
export const flagSchema = z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' })

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() })
}
