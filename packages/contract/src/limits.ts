import type { LIMITS as CORE_LIMITS } from '@trunkline/core'

/** What callers may give: the values of core, repeated because this package runs in browsers. One that differs does not compile. */
export const LIMITS = {
  sessionId: {
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    reserved: ['stats', 'active', 'connected', 'problematic', 'health', 'cleanup-inactive'],
  },
  label: { maxLength: 100 },
  metadata: {
    maxEntries: 50,
    keyPattern: '^[A-Za-z0-9_:-]{1,64}$',
    reservedKey: '__proto__',
    maxValueLength: 1_000,
  },
  settings: { maxPreload: 1_000, maxProxyUrlLength: 2_048, maxDeviceNameLength: 50 },
  address: { maxLength: 128 },
  messageId: { maxLength: 128 },
  clientMessageId: { maxLength: 128 },
  text: { maxLength: 65_536 },
  mentions: { maxCount: 1_024 },
  emoji: { maxLength: 32 },
  poll: { maxQuestionLength: 255, maxOptionLength: 100, minOptions: 2, maxOptions: 12 },
  event: { maxNameLength: 100, maxDescriptionLength: 2_048 },
  contacts: { maxCount: 100, maxNameLength: 200, maxVcardLength: 16_384 },
  place: { maxLength: 1_000 },
  history: { maxCount: 50 },
  search: { maxLength: 200 },
  cursor: { maxLength: 1_024 },
  webhooks: {
    maxCount: 100,
    maxSecrets: 2,
    maxUrlLength: 2_048,
    maxSessions: 1_000,
    maxHeaders: 20,
    headerPattern: '^[A-Za-z0-9_-]{1,128}$',
    maxHeaderLength: 1_024,
    description: { maxLength: 200 },
  },
  page: { max: 200, default: 50 },
} as const satisfies typeof CORE_LIMITS
