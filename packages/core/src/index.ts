// What applications need, spelled out. What authors of stores and connectors need is in `store.ts`.
export type { ImportedSession, ImportSessionOptions } from './accounts/import-session.js'
export { importSession } from './accounts/import-session.js'
export type { RestoredSession, RestoreSessionOptions } from './accounts/restore-session.js'
export { restoreSession } from './accounts/restore-session.js'
export type { WitnessedAuthStoreOptions } from './accounts/witnessed-auth-store.js'
export { createWitnessedAuthStore } from './accounts/witnessed-auth-store.js'
export type { SessionChats } from './areas/chats.js'
export type { SessionContacts } from './areas/contacts.js'
export type { SessionGroups } from './areas/groups.js'
export type { MediaFile } from './areas/kept-file.js'
export type { SessionLabels } from './areas/labels.js'
export type { SessionMedia } from './areas/media.js'
export type { SessionMessages } from './areas/messages.js'
export type { Nodes } from './areas/nodes.js'
export type { SessionProfile } from './areas/profile.js'
export type { SessionQueue } from './areas/queue.js'
export type { SessionHandle } from './areas/session-handle.js'
export type { BaileysAuth, BaileysKey } from './baileys/credentials/baileys-auth.js'
export { readMultiFileAuth } from './baileys/credentials/read-multi-file.js'
export type { ErrorCode } from './errors/codes.js'
export { ERROR_CODES, ERRORS } from './errors/codes.js'
export type { DetailsOf, ErrorDetails, FieldError } from './errors/trunkline-error.js'
export { TrunklineError } from './errors/trunkline-error.js'
export type { FileAuthStore, FileAuthStoreOptions } from './files/file-auth-store.js'
export { createFileAuthStore } from './files/file-auth-store.js'
export type { EventScope, ManagerEvents } from './manager/event-hub.js'
export { everySession } from './manager/every-session.js'
export type { ClusterOptions, MaintenanceTimings, ManagerOptions, RebalanceTimings } from './manager/options.js'
export type { RetentionLimits } from './manager/retention.js'
export type { ListSessionsOptions, SessionFilter } from './manager/session-views.js'
export type { MemoryBus, MemoryNetwork } from './memory/memory-bus.js'
export { createMemoryNetwork } from './memory/memory-bus.js'
export type { MemoryStoreOptions } from './memory/memory-store.js'
export { createMemoryStore } from './memory/memory-store.js'
export { MultiSessionManager } from './multi-session-manager.js'
export type { AuthStore } from './ports/auth-store.js'
export type { Clock } from './ports/clock.js'
export type { ClusterBus } from './ports/cluster-bus.js'
export type { Connector } from './ports/connector.js'
export type { Logger } from './ports/logger.js'
export type { MessageQuery } from './ports/message-store.js'
export type { Store, StoreHealth } from './ports/store.js'
export type { UserStore } from './ports/user-store.js'
export type { ConsumeOptions, Consumer, EventHandler } from './readers/consumers.js'
export { chatKindOf, isPerson, normalizeJid, phoneOf } from './records/jid.js'
export type { SealingKey } from './sealed/key-ring.js'
export { sealingKeyFrom } from './sealed/key-ring.js'
export type { SealedAuthStore, SealedAuthStoreOptions } from './sealed/sealed-auth-store.js'
export { createSealedAuthStore, readSealingKeyIds } from './sealed/sealed-auth-store.js'
export type { Chat, Contact } from './types/chat.js'
export type { About, BlockedContact, BusinessProfile, CheckedNumber, Picture } from './types/contact.js'
export type {
  AudioContent,
  BatchItem,
  ContactContent,
  ContactToSend,
  ContentContext,
  DeleteOptions,
  DeliveryOptions,
  DocumentContent,
  EditOptions,
  EventContent,
  ForwardContent,
  ImageContent,
  LocationContent,
  MediaContent,
  MediaInput,
  MessageContent,
  PollContent,
  SendOptions,
  SendRequest,
  StickerContent,
  TextContent,
  VideoContent,
} from './types/content.js'
export type { EventEnvelope, EventName, EventOf, EventPayloads, LoggedEvent, StatusChange } from './types/events.js'
export { EVENT_NAMES, LOGGED_EVENTS, UNLOGGED_EVENTS } from './types/events.js'
export type {
  CreatedGroup,
  Group,
  GroupChange,
  GroupChangeAction,
  GroupChangeKind,
  GroupChanges,
  GroupInvite,
  GroupParticipant,
  GroupRole,
  GroupSettings,
  GroupSettingsChange,
  JoinedGroup,
  JoinRequest,
  ParticipantOutcome,
  ParticipantProblem,
} from './types/group.js'
export { GROUP_CHANGE_ACTIONS, GROUP_CHANGE_KINDS, GROUP_ROLES, PARTICIPANT_PROBLEMS } from './types/group.js'
export type { ChatKind, Jid } from './types/jid.js'
export { CHAT_KINDS } from './types/jid.js'
export type { Label, LabelChanges, NewLabel } from './types/label.js'
export { LIMITS } from './types/limits.js'
export type {
  HealthProblem,
  HealthReport,
  MaintenanceChanges,
  MaintenanceRun,
  MaintenanceSetting,
  MaintenanceSettingName,
  MaintenanceSettings,
  MaintenanceStep,
  MaintenanceStepName,
  UpdateMaintenanceOptions,
} from './types/maintenance.js'
export { MAINTENANCE_SETTINGS, MAINTENANCE_STEPS } from './types/maintenance.js'
export type {
  Button,
  CalendarEvent,
  EventAnswer,
  EventResponse,
  LinkCard,
  Location,
  Media,
  Message,
  MessageRef,
  MessageSource,
  MessageStatus,
  MessageType,
  Poll,
  Quoted,
  RawMessage,
  Reaction,
  Selection,
} from './types/message.js'
export { MESSAGE_STATUSES, MESSAGE_TYPES } from './types/message.js'
export type { NewNewsletter, Newsletter, NewsletterChanges } from './types/newsletter.js'
export { NEWSLETTER_ROLES } from './types/newsletter.js'
export type { ClusterNode, ListedNode, NodeIdentity, NodeReport } from './types/node.js'
export type { PacingPreset, PacingSettings, QuietHours } from './types/pacing.js'
export { PACING_PRESETS } from './types/pacing.js'
export type { Page, PageOptions } from './types/page.js'
export type { PrivacyChanges, PrivacySetting, PrivacySettings, Profile, ProfileChanges } from './types/profile.js'
export { PRIVACY_CHOICES } from './types/profile.js'
export type {
  Queue,
  QueuedMessage,
  QueueLength,
  SendPriority,
  SendRestriction,
  SendUsage,
  WaitingFor,
} from './types/queue.js'
export { QUEUE_STATES, SEND_PRIORITIES } from './types/queue.js'
export type {
  Account,
  AttemptLogEntry,
  AutoDownload,
  ConnectionAttempts,
  CreateSessionOptions,
  DesiredState,
  DeviceInfo,
  HealthCheckResult,
  PairingCode,
  PreloadType,
  Qr,
  Session,
  SessionCounters,
  SessionDetails,
  SessionError,
  SessionHealth,
  SessionSettings,
  SessionSort,
  SessionStats,
  SessionStatus,
  SettingsChanges,
  StatusReason,
  UpdateSessionOptions,
} from './types/session.js'
export { PRELOAD_TYPES, SESSION_ID_PATTERN, SESSION_SORTS, SESSION_STATUSES } from './types/session.js'
export type { TrafficHour, TrafficOptions } from './types/traffic.js'
export type { Role, User } from './types/user.js'
export { ROLES } from './types/user.js'
export type { WebVersion } from './types/web-version.js'
export type {
  CreatedWebhook,
  CreatedWebhookSecret,
  CreateWebhookOptions,
  Delivery,
  DeliveryAttempt,
  DeliveryQuery,
  DeliveryState,
  RedeliverOptions,
  UpdateWebhookOptions,
  Webhook,
  WebhookAttempt,
  WebhookState,
} from './types/webhook.js'
export { DELIVERY_STATES, WEBHOOK_STATES } from './types/webhook.js'
export { systemClock } from './util/system-clock.js'
export type { Webhooks } from './webhooks/webhooks.js'
