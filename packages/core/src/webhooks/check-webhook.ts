import {
  type Check,
  clearable,
  entries,
  fields,
  flag,
  list,
  matching,
  oneOf,
  optional,
  refuse,
  text,
  wellFormed,
  wrong,
} from '../manager/checks.js'
import { metadataCheck } from '../manager/validation.js'
import { startOf } from '../readers/start-time.js'
import { EVENT_NAMES } from '../types/events.js'
import { LIMITS } from '../types/limits.js'
import type { PageOptions } from '../types/page.js'
import {
  type CreateWebhookOptions,
  DELIVERY_STATES,
  type DeliveryQuery,
  type RedeliverOptions,
  type UpdateWebhookOptions,
} from '../types/webhook.js'
import type { AddressGuard } from '../util/address-guard.js'

const { webhooks: limits } = LIMITS
/** What the request itself says, and what Standard Webhooks adds. */
const OWN_HEADERS =
  /^(webhook-.*|host|content-length|content-type|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect)$/i
/** No line ends, which would begin another header. */
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/

const everythingOr =
  (check: Check): Check =>
  (value, field) =>
    value === '*' ? [] : check(value, field)

const events = everythingOr(list(oneOf(EVENT_NAMES), { maxCount: EVENT_NAMES.length }))
const sessionIds = everythingOr(list(matching(LIMITS.sessionId.pattern), { maxCount: limits.maxSessions }))

const headers = entries({
  key: (value, field) =>
    OWN_HEADERS.test(String(value))
      ? wrong(field, 'is a header of the request itself')
      : matching(limits.headerPattern)(value, field),
  value: wellFormed((value) =>
    value.length <= limits.maxHeaderLength && HEADER_VALUE.test(value)
      ? undefined
      : `must be at most ${limits.maxHeaderLength} characters that a header can have`,
  ),
  maxCount: limits.maxHeaders,
})

function urlCheck(guard: AddressGuard): Check {
  return wellFormed((value) => {
    const url = value.length <= limits.maxUrlLength && URL.canParse(value) ? new URL(value) : undefined
    if (!url || !['http:', 'https:'].includes(url.protocol))
      return 'must be an address that begins with https:// or http://'
    if (url.username !== '' || url.password !== '') return 'must have no user and no password: give a header instead'
    return guard.admitsHost(url.hostname) ? undefined : 'must not be at an inside address'
  })
}

const shared = {
  events: optional(events),
  sessionIds: optional(sessionIds),
  ordered: optional(flag),
  enabled: optional(flag),
}

/** @throws VALIDATION_FAILED naming each field */
export function checkCreateWebhook(options: unknown, guard: AddressGuard): void {
  const check = fields<CreateWebhookOptions>({
    ...shared,
    url: urlCheck(guard),
    metadata: optional(metadataCheck),
    headers: optional(headers),
    description: optional(text(limits.description)),
    from: optional(startOf),
  })
  refuse(check(options, ''))
}

/** @throws VALIDATION_FAILED naming each field */
export function checkUpdateWebhook(changes: unknown, guard: AddressGuard): void {
  const check = fields<UpdateWebhookOptions>({
    ...shared,
    url: optional(urlCheck(guard)),
    metadata: clearable(metadataCheck),
    headers: clearable(headers),
    description: clearable(text(limits.description)),
  })
  refuse(check(changes, ''))
}

const id = text({ maxLength: 128 })
export const checkWebhookId = (value: unknown, field = 'webhookId'): void => refuse(id(value, field))

export const checkDeliveryQuery = (query: object): void =>
  refuse(
    fields<DeliveryQuery & Omit<PageOptions, 'limit'>>({
      state: optional(oneOf(DELIVERY_STATES)),
      sessionId: optional(matching(LIMITS.sessionId.pattern)),
      cursor: optional(text(LIMITS.cursor)),
    })(query, ''),
  )

const time: Check = (value, field) =>
  value === 'now' || value === 'start'
    ? wrong(field, 'must be a time, such as 2026-01-31T12:00:00Z')
    : startOf(value, field)

export const checkRedeliver = (options: object): void =>
  refuse(fields<RedeliverOptions>({ from: time, to: time, state: optional(oneOf(['dead', 'delivered'])) })(options, ''))
