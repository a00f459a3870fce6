import { z } from 'zod'
import { LIMITS } from './limits.js'

export const sessionIdSchema = z
  .string()
  .regex(new RegExp(LIMITS.sessionId.pattern), 'must be 1 to 64 letters, digits, _ or -')
  .meta({ description: 'The id of a session.', example: 'shop' })

/** A phone number, a JID or a chat id, as people write them: `+1 555-000-0001`, `15550000001@s.whatsapp.net`, `…@lid`, `…@g.us`. */
export const addressSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.address.maxLength)
  .meta({ description: 'A phone number, a JID or a chat id.' })

export const messageIdSchema = z.string().min(1).max(LIMITS.messageId.maxLength)

/** ISO 8601 in UTC. */
export const timeSchema = z.iso.datetime()

export const countSchema = z.int().min(0)

export const cursorSchema = z.string().min(1).max(LIMITS.cursor.maxLength)

/** A whole number in a query string, in digits and nothing else: `Number` takes `0x10`, `1e2` and blanks too. */
export const decimal = z
  .string()
  .regex(/^\d{1,16}$/, 'must be a whole number')
  .transform(Number)

/** Page parameters of a query string. */
export const pageQueryFields = {
  limit: decimal
    .pipe(z.int().min(1).max(LIMITS.page.max))
    .optional()
    .meta({ description: `How many items at most; ${LIMITS.page.default} unless given.`, example: '50' }),
  cursor: cursorSchema.optional().meta({ description: 'The `nextCursor` of the page before; opaque.' }),
}

/** `true` or `false` in a query string. */
export const flagSchema = z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' })

export function pageOf<Item extends z.ZodType>(item: Item) {
  const page = z.object({
    items: z.array(item).meta({ description: 'The items of this page, fewer than asked for where they are large.' }),
    nextCursor: z.string().optional().meta({ description: 'Asks for the next page; left out on the last one.' }),
  })
  const name = z.globalRegistry.get(item)?.id
  return name === undefined ? page : page.meta({ id: `${name}Page`, description: 'A page of a list.' })
}
