import type { MessageQuery } from '../ports/message-store.js'
import { CHAT_KINDS, type ChatKind } from '../types/jid.js'
import { LIMITS } from '../types/limits.js'
import { MAINTENANCE_STEPS } from '../types/maintenance.js'
import { MESSAGE_TYPES, type MessageRef } from '../types/message.js'
import type { PageOptions } from '../types/page.js'
import {
  type CreateSessionOptions,
  SESSION_SORTS,
  SESSION_STATUSES,
  type UpdateSessionOptions,
} from '../types/session.js'
import type { TrafficOptions } from '../types/traffic.js'
import {
  address,
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
  wholeNumber,
  wrong,
} from './checks.js'
import { EVENT_SCOPES } from './event-hub.js'
import { maintenanceUpdateCheck } from './maintenance-settings.js'
import { settingsChangesCheck, settingsCheck, trimSettings } from './session-settings.js'

const sessionId = matching(LIMITS.sessionId.pattern)
const cursor = text(LIMITS.cursor)
const label = text({ ...LIMITS.label, trimmed: true })
const limit = wholeNumber({ min: 1, max: LIMITS.page.max })
const sequenceNumber = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER })
/** Timers of Node.js hold no longer time. */
const milliseconds = wholeNumber({ min: 1, max: 2 ** 31 - 1 })
const sessionIds = list(wellFormed(() => undefined))

/** Sessions of these names may exist from before; no new ones are made. */
const newSessionId: Check = (value, field) => {
  const isReserved = LIMITS.sessionId.reserved.some((reserved) => reserved === value)
  return isReserved ? wrong(field, 'is part of a route: choose another id') : sessionId(value, field)
}

const metadataKey: Check = (value, field) =>
  value === LIMITS.metadata.reservedKey
    ? wrong(field, 'is no name for a field')
    : matching(LIMITS.metadata.keyPattern)(value, field)

export const metadataCheck = entries({
  key: metadataKey,
  value: wellFormed((value) =>
    value.length > LIMITS.metadata.maxValueLength
      ? `must have at most ${LIMITS.metadata.maxValueLength} characters`
      : undefined,
  ),
  maxCount: LIMITS.metadata.maxEntries,
})

const createOptions = fields<CreateSessionOptions>({
  id: optional(newSessionId),
  label: optional(label),
  metadata: optional(metadataCheck),
  settings: optional(settingsCheck),
  start: optional(flag),
})

const updateOptions = fields<UpdateSessionOptions>({
  label: clearable(label),
  metadata: optional(metadataCheck),
  settings: optional(settingsChangesCheck),
})

const pageFields = { limit: optional(limit), cursor: optional(cursor) }

interface ListOptions extends PageOptions {
  ids?: readonly string[]
  sort?: string
  filter?: string
  status?: string
  text?: string
  metadata?: object
}

const listOptions = fields<ListOptions>({
  ...pageFields,
  ids: optional(sessionIds),
  filter: optional(oneOf(['active', 'connected', 'problematic'])),
  sort: optional(oneOf(SESSION_SORTS)),
  status: optional(oneOf(SESSION_STATUSES)),
  text: optional(text(LIMITS.search)),
  metadata: optional(metadataCheck),
})

const messageQuery = fields<PageOptions & MessageQuery>({
  ...pageFields,
  chatId: optional(address),
  before: optional(cursor),
  after: optional(cursor),
  type: optional(oneOf(MESSAGE_TYPES)),
  fromMe: optional(flag),
  text: optional(text(LIMITS.search)),
  raw: optional(flag),
})

export const messageRef: Check = fields<MessageRef>({
  id: text(LIMITS.messageId),
  chatId: optional(address),
  senderId: optional(address),
})

const chatQuery = fields<PageOptions & { kind?: ChatKind; archived?: boolean }>({
  ...pageFields,
  kind: optional(oneOf(CHAT_KINDS)),
  archived: optional(flag),
})

/**
 * What the methods of the manager check first, whatever types their callers know.
 *
 * @throws VALIDATION_FAILED naming each field
 */
export const checkSessionId = (value: string): void => refuse(sessionId(value, 'sessionId'))
export const checkChatId = (value: string): void => refuse(address(value, 'chatId'))
export const checkList = (options: object): void => refuse(listOptions(options, ''))
export const checkIds = (options: object): void => refuse(fields({ ids: optional(sessionIds) })(options, ''))
export const checkTraffic = (options: object): void =>
  refuse(
    fields<TrafficOptions>({
      hours: optional(wholeNumber({ min: 1, max: LIMITS.traffic.maxHours })),
      ids: optional(sessionIds),
    })(options, ''),
  )
export const checkScope = (scope: unknown): void => refuse(oneOf(EVENT_SCOPES)(scope, 'scope'))
export const checkStep = (name: unknown): void => refuse(oneOf(MAINTENANCE_STEPS)(name, 'step'))
export const checkMaintenance = (update: object): void => refuse(maintenanceUpdateCheck(update, ''))
export const checkNode = (node: unknown): void => refuse(text(LIMITS.node)(node, 'node'))
export const checkHealthCheck = (options: object): void =>
  refuse(fields({ timeoutMs: optional(milliseconds) })(options, ''))
export const checkPage = (options: object): void => refuse(fields<PageOptions>(pageFields)(options, ''))
export const checkMessageQuery = (query: object): void => refuse(messageQuery(query, ''))
export const checkMessageRef = (ref: MessageRef, options: object): void =>
  refuse([...messageRef(ref, ''), ...fields({ raw: optional(flag) })(options, '')])
export const checkChatQuery = (query: object): void => refuse(chatQuery(query, ''))
export const checkEventQuery = (query: object): void =>
  refuse(fields({ after: sequenceNumber, limit: optional(limit) })(query, ''))

/** The options as they are stored: blanks around texts for people are cut off. @throws VALIDATION_FAILED naming each field */
export function checkCreate(options: CreateSessionOptions): CreateSessionOptions {
  refuse(createOptions(options, ''))
  const { label, settings } = options
  return {
    ...options,
    ...(label === undefined ? {} : { label: label.trim() }),
    ...(settings ? { settings: trimSettings(settings) } : {}),
  }
}

/** As `checkCreate`. */
export function checkUpdate(changes: UpdateSessionOptions): UpdateSessionOptions {
  refuse(updateOptions(changes, ''))
  const { label, settings } = changes
  return {
    ...changes,
    ...(typeof label === 'string' ? { label: label.trim() } : {}),
    ...(settings ? { settings: trimSettings(settings) } : {}),
  }
}

/** The digits of the number that a pairing code is asked for. @throws VALIDATION_FAILED */
export function checkPairing(options: { phone: string }): string {
  refuse(fields<{ phone: string }>({ phone: address })(options, ''))
  const digits = options.phone
    .trim()
    .replace(/^\+/, '')
    .replace(/[\s().-]/g, '')
  // No country code begins with 0: what does is a number as it is dialled inside a country, or out of it.
  if (!/^[1-9]\d{6,14}$/.test(digits))
    refuse(wrong('phone', 'must be a phone number with its country code, without zeros before it'))
  return digits
}

export function checkLimit(given: number | undefined): number {
  refuse(optional(limit)(given, 'limit'))
  return given ?? LIMITS.page.default
}
