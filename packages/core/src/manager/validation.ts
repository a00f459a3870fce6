import { type FieldError, TrunklineError } from '../errors/trunkline-error.js'
import type { SendOptions } from '../types/message.js'
import { DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT } from '../types/page.js'
import { type CreateSessionOptions, SESSION_ID_PATTERN, type UpdateSessionOptions } from '../types/session.js'
import { settingsErrors } from './session-settings.js'

/** WhatsApp cuts longer texts. */
const MAX_TEXT_LENGTH = 65_536

/** Half an emoji: what a text that was cut in the middle of one ends in. Phones cannot read the message then. */
const HALF_PAIR = /\p{Surrogate}/u

/** @throws VALIDATION_FAILED naming each field */
export function checkCreate({ id, label, metadata, settings }: CreateSessionOptions): void {
  refuse([
    ...(id === undefined || SESSION_ID_PATTERN.test(id)
      ? []
      : [{ field: 'id', message: 'must match ^[A-Za-z0-9_-]{1,64}$' }]),
    ...labelErrors(label),
    ...metadataErrors(metadata),
    ...settingsErrors(settings),
  ])
}

export function checkUpdate(changes: UpdateSessionOptions): void {
  refuse([
    ...labelErrors(changes.label ?? undefined),
    ...metadataErrors(changes.metadata),
    ...settingsErrors(changes.settings),
  ])
}

export function checkSend({ to, text, clientMessageId, quotedMessageId, mentions }: SendOptions): void {
  const errors: FieldError[] = []
  if (typeof to !== 'string' || to === '')
    errors.push({ field: 'to', message: 'must be a phone number, a JID or a chat id' })
  if (typeof text !== 'string' || text === '') errors.push({ field: 'text', message: 'must not be empty' })
  else if (text.length > MAX_TEXT_LENGTH)
    errors.push({ field: 'text', message: `must have at most ${MAX_TEXT_LENGTH} characters` })
  else if (HALF_PAIR.test(text)) errors.push({ field: 'text', message: 'must be well-formed Unicode' })
  for (const [field, id] of Object.entries({ clientMessageId, quotedMessageId })) {
    if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > 128))
      errors.push({ field, message: 'must have 1 to 128 characters' })
  }
  if (mentions !== undefined && !(Array.isArray(mentions) && mentions.every((one) => typeof one === 'string')))
    errors.push({ field: 'mentions', message: 'must be a list of phone numbers or JIDs' })
  refuse(errors)
}

/** Digits only, or VALIDATION_FAILED. */
export function checkPhone(phone: string): string {
  const digits = String(phone)
    .replace(/^\+/, '')
    .replace(/[\s().-]/g, '')
  if (!/^\d{7,15}$/.test(digits)) refuse([{ field: 'phone', message: 'must be a phone number with its country code' }])
  return digits
}

export function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_PAGE_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_LIMIT) {
    refuse([{ field: 'limit', message: `must be a whole number from 1 to ${MAX_PAGE_LIMIT}` }])
  }
  return limit
}

function labelErrors(label: string | undefined): FieldError[] {
  return label === undefined || label.length <= 200
    ? []
    : [{ field: 'label', message: 'must have at most 200 characters' }]
}

function metadataErrors(metadata: Record<string, string> | undefined): FieldError[] {
  return Object.entries(metadata ?? {}).flatMap(([key, value]) =>
    typeof value === 'string' && value.length <= 1_000 && key.length <= 100
      ? []
      : [{ field: `metadata.${key}`, message: 'must be a text of at most 1,000 characters' }],
  )
}

function refuse(errors: FieldError[]): void {
  const [first] = errors
  if (first)
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors }, message: `${first.field} ${first.message}` })
}
