import type { LIMITS as CORE_LIMITS } from '@trunkline/core'

/** JSON with so many bytes in it as base64, and some words. */
export function jsonBytesOf(bytes: number): number {
  return Math.ceil(bytes / 3) * 4 + 1024 * 1024
}

/** What callers may give: the values of core, repeated because this package runs in browsers. One that differs does not compile. */
export const LIMITS = {
  sessionId: {
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    reserved: ['stats', 'active', 'connected', 'problematic', 'health', 'cleanup-inactive'],
  },
  node: { maxLength: 320 },
  label: { maxLength: 100 },
  newsletterName: { maxLength: 100 },
  newsletterDescription: { maxLength: 2_048 },
  chatLabel: { idPattern: '^[0-9]{1,9}$', maxNameLength: 100, maxColor: 19 },
  metadata: {
    maxEntries: 50,
    keyPattern: '^[A-Za-z0-9_:-]{1,64}$',
    reservedKey: '__proto__',
    maxValueLength: 1_000,
  },
  settings: {
    maxPreload: 1_000,
    maxProxyUrlLength: 2_048,
    maxDeviceNameLength: 50,
    pacing: { maxMessages: 1_000_000, maxChatGapMs: 86_400_000 },
  },
  address: { maxLength: 128 },
  messageId: { maxLength: 128 },
  clientMessageId: { maxLength: 128 },
  batch: { maxCount: 1_000 },
  text: { maxLength: 65_536 },
  mentions: { maxCount: 1_024 },
  emoji: { maxLength: 32 },
  poll: { maxQuestionLength: 255, maxOptionLength: 100, minOptions: 2, maxOptions: 12 },
  event: { maxNameLength: 100, maxDescriptionLength: 2_048, maxExtraGuests: 100 },
  contacts: { maxCount: 100, maxNameLength: 200, maxVcardLength: 16_384 },
  place: { maxLength: 1_000 },
  history: { maxCount: 50 },
  checkedNumbers: { maxCount: 1_000 },
  profileName: { maxLength: 25 },
  about: { maxLength: 139 },
  picture: { maxBytes: 10_485_760 },
  groupSubject: { maxLength: 100 },
  groupDescription: { maxLength: 2_048 },
  participants: { maxCount: 1_024 },
  inviteCode: { maxLength: 200 },
  ephemeralSeconds: { max: 31_622_400 },
  media: {
    maxBytes: {
      image: 16 * 1024 * 1024,
      video: 64 * 1024 * 1024,
      audio: 64 * 1024 * 1024,
      voice: 64 * 1024 * 1024,
      document: 2 * 1024 * 1024 * 1024,
      sticker: 1024 * 1024,
    },
    maxInlineBytes: 16 * 1024 * 1024,
    maxUrlLength: 2_048,
  },
  caption: { maxLength: 65_536 },
  fileName: { maxLength: 255 },
  mediaType: { maxLength: 255 },
  traffic: { maxHours: 744 },
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
    maxDelivered: 500,
  },
  maintenance: { minMs: 1_000, maxMs: 31_622_400_000 },
  page: { max: 200, default: 50 },
} as const satisfies typeof CORE_LIMITS
