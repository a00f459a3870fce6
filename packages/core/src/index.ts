export type { ImportedSession, ImportSessionOptions } from './accounts/import-session.js'
export { importSession } from './accounts/import-session.js'
export type { RestoredSession, RestoreSessionOptions } from './accounts/restore-session.js'
export { restoreSession } from './accounts/restore-session.js'
export type { WitnessedAuthStoreOptions } from './accounts/witnessed-auth-store.js'
export { createWitnessedAuthStore } from './accounts/witnessed-auth-store.js'
export type { SessionChats } from './areas/chats.js'
export type { SessionMessages } from './areas/messages.js'
export type { SessionHandle } from './areas/session-handle.js'
export type { BaileysAuth, BaileysKey } from './baileys/credentials/baileys-auth.js'
export { parseKeyName } from './baileys/credentials/baileys-auth.js'
export { readMultiFileAuth } from './baileys/credentials/read-multi-file.js'
export type { ErrorCode } from './errors/codes.js'
export { ERROR_CODES, ERRORS } from './errors/codes.js'
export type { DetailsOf, ErrorDetails, FieldError } from './errors/trunkline-error.js'
export { TrunklineError } from './errors/trunkline-error.js'
export type { FileAuthStore, FileAuthStoreOptions } from './files/file-auth-store.js'
export { createFileAuthStore } from './files/file-auth-store.js'
export type { ManagerEvents } from './manager/event-hub.js'
export { everySession } from './manager/every-session.js'
export type { MaintenanceTimings, ManagerOptions } from './manager/options.js'
export type { RetentionLimits } from './manager/retention.js'
export type { MemoryStoreOptions } from './memory/memory-store.js'
export { createMemoryStore } from './memory/memory-store.js'
export type { SessionFilter } from './multi-session-manager.js'
export { MultiSessionManager } from './multi-session-manager.js'
export type * from './ports/auth-store.js'
export type * from './ports/chat-store.js'
export type * from './ports/clock.js'
export type * from './ports/connector.js'
export type * from './ports/event-log.js'
export type * from './ports/lease-store.js'
export type * from './ports/logger.js'
export type * from './ports/message-store.js'
export type * from './ports/session-store.js'
export type * from './ports/store.js'
export type * from './ports/user-store.js'
export type { Position } from './records/cursor.js'
// For authors of stores: the rules that every store applies.
export {
  arrivalOf,
  arrivalText,
  comparePositions,
  decodeCursor,
  encodeCursor,
  messageBoundary,
  messagePosition,
} from './records/cursor.js'

export { chatKindOf, isLid, isPerson, isPhoneJid, normalizeJid, phoneOf } from './records/jid.js'
export { advanceStatus, applyMessageChange, refsOf } from './records/message-change.js'
export type { ChatRecord, ContactRecord, LastMessage } from './records/stored.js'
export {
  applyChatChange,
  applyContactChange,
  CHAT_POSITION_PARTS,
  chatOf,
  chatPosition,
  contactOf,
  countsAsUnread,
  isSaid,
  joinMessages,
  lastMessageOf,
  laterOf,
  mergeChats,
  mergeMessage,
  messageFor,
  movesChatOn,
  newChat,
  publicMessage,
  QUIET_TYPES,
  readdressMessage,
  readsChat,
  unreadAfter,
} from './records/stored.js'
export type { SealingKey } from './sealed/key-ring.js'
export { sealingKeyFrom } from './sealed/key-ring.js'
export type { SealedAuthStore, SealedAuthStoreOptions } from './sealed/sealed-auth-store.js'
export { createSealedAuthStore, readSealingKeyIds } from './sealed/sealed-auth-store.js'
export type * from './types/chat.js'
export type * from './types/events.js'
export { UNLOGGED_EVENTS } from './types/events.js'
export type { ChatKind, Jid } from './types/jid.js'
export { LIMITS } from './types/limits.js'
export type * from './types/message.js'
export { MESSAGE_STATUSES, MESSAGE_TYPES } from './types/message.js'
export type { Page, PageOptions } from './types/page.js'
export { DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT } from './types/page.js'
export type * from './types/session.js'
export { PRELOAD_TYPES, SESSION_ID_PATTERN, SESSION_STATUSES } from './types/session.js'
export type { Role, User } from './types/user.js'
export { ROLES } from './types/user.js'
export { systemClock } from './util/system-clock.js'
