/**
 * What callers may give, in process and over HTTP: the one place where it is decided. `@trunkline/contract` repeats these values
 * for browsers and does not compile when one of them differs. Lengths are UTF-16 code units, after trimming where a field is trimmed.
 */
export const LIMITS = {
  /** `reserved`: fixed parts of paths under `/sessions/`; a session of that name could not be reached by its own path. */
  sessionId: {
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    reserved: ['stats', 'active', 'connected', 'problematic', 'health', 'cleanup-inactive'],
  },
  /** An id or a name. */
  node: { maxLength: 320 },
  label: { maxLength: 100 },
  /** Labels of chats and messages, as phones let people make them. */
  newsletterName: { maxLength: 100 },
  newsletterDescription: { maxLength: 2_048 },
  chatLabel: { idPattern: '^[0-9]{1,9}$', maxNameLength: 100, maxColor: 19 },
  /** `reservedKey`: JavaScript keeps no such field on an object. */
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
  /** Phone numbers, JIDs and chat ids. */
  address: { maxLength: 128 },
  messageId: { maxLength: 128 },
  clientMessageId: { maxLength: 128 },
  /** Messages that are queued in one request. */
  batch: { maxCount: 1_000 },
  /** WhatsApp cuts longer texts. */
  text: { maxLength: 65_536 },
  mentions: { maxCount: 1_024 },
  /** The longest one there is has some 25. */
  emoji: { maxLength: 32 },
  poll: { maxQuestionLength: 255, maxOptionLength: 100, minOptions: 2, maxOptions: 12 },
  event: { maxNameLength: 100, maxDescriptionLength: 2_048, maxExtraGuests: 100 },
  contacts: { maxCount: 100, maxNameLength: 200, maxVcardLength: 16_384 },
  /** Name and address of a place. */
  place: { maxLength: 1_000 },
  /** Older messages that the phone is asked for at once: it gives no more. */
  history: { maxCount: 50 },
  /** WhatsApp's own, as its apps have them. */
  checkedNumbers: { maxCount: 1_000 },
  profileName: { maxLength: 25 },
  about: { maxLength: 139 },
  picture: { maxBytes: 10_485_760 },
  groupSubject: { maxLength: 100 },
  groupDescription: { maxLength: 2_048 },
  /** People in one request about a group. */
  participants: { maxCount: 1_024 },
  /** A code, or the link that it stands in. */
  inviteCode: { maxLength: 200 },
  /** A year and a day; WhatsApp takes some of these times only. */
  ephemeralSeconds: { max: 31_622_400 },
  /** Bytes of a file, by what it is sent as; and of one that stands in a request as base64. */
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
  /** Hours that are told of: 31 days. */
  traffic: { maxHours: 744 },
  /** Part of a message's text that is looked for. */
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
    /** Deliveries that came to a good end and are kept, of each webhook. */
    maxDelivered: 500,
  },
  /** Settings of the maintenance, in milliseconds: as the variables of the server. */
  maintenance: { minMs: 1_000, maxMs: 31_622_400_000 },
  /** Items of one page: at most, and unless a caller says otherwise. */
  page: { max: 200, default: 50 },
} as const
