// What authors of stores and connectors need: ports, the shapes that go through them, the rules that every store applies, and
// what every store would repeat. What applications need is in `index.ts`.
export type { BaileysAuth, BaileysKey } from './baileys/credentials/baileys-auth.js'
export { parseKeyName } from './baileys/credentials/baileys-auth.js'
export type { ErrorCode } from './errors/codes.js'
export { toStoreError } from './errors/store-error.js'
export { TrunklineError } from './errors/trunkline-error.js'
export { filePath, having, refuseOptions } from './manager/check-config.js'
export type { Check } from './manager/checks.js'
export { fields, oneOf, optional, text } from './manager/checks.js'
export { createAttemptStore } from './memory/attempt-store.js'
export { NodeRoll } from './memory/node-roll.js'
export type { ApiKeyRecord, ApiKeyStore } from './ports/api-key-store.js'
export type { AttemptStore, Attempts } from './ports/attempt-store.js'
export type { AuditQuery, AuditStore } from './ports/audit-store.js'
export type { AuthArchive, AuthBatch, AuthKey, AuthKeyRef, AuthStore } from './ports/auth-store.js'
export type { ChatQuery, ChatStore } from './ports/chat-store.js'
export type { Clock } from './ports/clock.js'
export type { AskOptions, BusAnswer, BusTopic, ClusterBus } from './ports/cluster-bus.js'
export type {
  AskedMessage,
  AuthHandle,
  ChatAction,
  CollectedKeys,
  Connection,
  ConnectionClose,
  ConnectionEvent,
  ConnectOptions,
  Connector,
  FileKind,
  IdentityLookup,
  Inbound,
  MediaMessage,
  MessageAction,
  OutboundFile,
  OutboundMessage,
  PreparableAction,
  PreparableContent,
  PreparedMessage,
  UploadedFile,
  WebVersionSource,
  WireChange,
  WireMessage,
} from './ports/connector.js'
export type { ContactConnection } from './ports/contact-connection.js'
export type { CursorStore } from './ports/cursor-store.js'
export type { AppendedEvent, EventLog, NewEvent } from './ports/event-log.js'
export type {
  GroupConnection,
  GroupEdit,
  WireGroup,
  WireJoinRequest,
  WireOutcome,
} from './ports/group-connection.js'
export type { InstallationRecord, InstallationStore } from './ports/installation-store.js'
export type {
  EnqueuedJob,
  Job,
  JobClaim,
  JobFilter,
  JobOutcome,
  JobRef,
  JobState,
  JobStore,
  NewJob,
} from './ports/job-store.js'
export { JOB_STATES } from './ports/job-store.js'
export type { LabelConnection } from './ports/label-connection.js'
export type { Lease, LeaseStore } from './ports/lease-store.js'
export type { LinkPreview } from './ports/link-previews.js'
export type { Logger } from './ports/logger.js'
export type { MediaRange, MediaRef, MediaStore, PutMediaOptions, StoredMedia } from './ports/media-store.js'
export type {
  ChangeOutcome,
  MessageQuery,
  MessageStep,
  MessageStore,
  Recorded,
  StepOutcome,
  Upserted,
} from './ports/message-store.js'
export type { NewsletterConnection } from './ports/newsletter-connection.js'
export type { ProfileConnection, WireAudience } from './ports/profile-connection.js'
export type {
  EndingCommand,
  RestingSessions,
  RunningSession,
  SessionChanges,
  SessionIncrement,
  SessionQuery,
  SessionRecord,
  SessionRequest,
  SessionStore,
  SessionTally,
} from './ports/session-store.js'
export type { Store, StoreHealth } from './ports/store.js'
export type { SessionTraffic, TrafficStore } from './ports/traffic-store.js'
export type { RefreshFamily, UserStore, UserUpdateOptions } from './ports/user-store.js'
export type { WebhookStore } from './ports/webhook-store.js'
export type { AuditEntry, AuditOutcome } from './records/audit.js'
export { AUDIT_FILTERS, AUDIT_OUTCOMES, AUDIT_POSITION_PARTS, auditPosition } from './records/audit.js'
export type { Position } from './records/cursor.js'
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
export { applyLabel } from './records/labels.js'
export { measured } from './records/media.js'
export { advanceStatus, applyMessageChange, refsOf } from './records/message-change.js'
export { pageOf } from './records/page.js'
export { contactSearch, contactSearchText, searchForm, sessionSearchText, userSearchText } from './records/search.js'
export type { SessionOrder, SortedSession } from './records/session-order.js'
export { labelKey, sessionOrder, sessionPage, sessionSortValue } from './records/session-order.js'
export type { ChatRecord, ContactRecord, LastMessage } from './records/stored.js'
export {
  applyChatChange,
  applyContactChange,
  CHAT_POSITION_PARTS,
  chatOf,
  chatPosition,
  contactOf,
  countsAsUnread,
  fillsIn,
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
export type { UserChanges, UserRecord } from './records/user.js'
export { changedUser, isFullAdmin } from './records/user.js'
export type { WebhookRecord, WebhookSecretRecord } from './records/webhook.js'
export type { Chat, ChatChange, Contact, ContactChange, DialledNumber, IdentityPair, MergedChat } from './types/chat.js'
export type { EventName, EventOf, EventPayloads, LoggedEvent } from './types/events.js'
export type { ParticipantAction } from './types/group.js'
export type { ChatKind, Jid } from './types/jid.js'
export type { LabelRecord } from './types/label.js'
export type { MaintenanceSetting, MaintenanceSettingName, MaintenanceSettings } from './types/maintenance.js'
export type {
  Media,
  Message,
  MessageChange,
  MessageRef,
  MessageRefs,
  MessageStatus,
  MessageType,
  StoredMessage,
} from './types/message.js'
export { MESSAGE_STATUSES, MESSAGE_TYPES } from './types/message.js'
export type { ClusterNode, NodeIdentity, NodeReport } from './types/node.js'
export type { Page } from './types/page.js'
export type { SessionCounters, SessionSettings, SessionSort, SessionSortField, SessionStatus } from './types/session.js'
export { RESTING_STATUSES, SESSION_STATUSES } from './types/session.js'
export type { TrafficHour } from './types/traffic.js'
export type { User } from './types/user.js'
export type { WebVersion } from './types/web-version.js'
export type { WebhookState } from './types/webhook.js'
export { WEBHOOK_STATES } from './types/webhook.js'
export { guarded } from './util/guarded.js'
