export type {
  About,
  Account,
  BlockedContact,
  BusinessProfile,
  Chat,
  ChatKind,
  CheckedNumber,
  Contact,
  CreatedGroup,
  CreateSessionOptions,
  EventEnvelope,
  EventOf,
  EventPayloads,
  FieldError,
  Group,
  GroupChange,
  GroupChanges,
  GroupInvite,
  HealthCheckResult,
  HealthReport,
  JoinedGroup,
  JoinRequest,
  ListedNode,
  LoggedEvent,
  MaintenanceChanges,
  MaintenanceSetting,
  MaintenanceSettingName,
  MaintenanceStep,
  Media,
  Message,
  MessageStatus,
  MessageType,
  Page,
  PairingCode,
  ParticipantOutcome,
  Picture,
  PrivacySettings,
  Profile,
  Qr,
  Queue,
  QueuedMessage,
  QueueLength,
  Reaction,
  Session,
  SessionDetails,
  SessionHealth,
  SessionSettings,
  SessionSort,
  SessionStats,
  SessionStatus,
  StatusReason,
  TrafficHour,
  UpdateSessionOptions,
  User,
} from '@trunkline/core'
export type { ApiKey } from './api-key.js'
export { apiKeySchema, createApiKeySchema, createdApiKeySchema } from './api-key.js'
export { auditEntrySchema, auditOutcomeSchema } from './audit.js'
export { chatKindSchema, chatSchema, contactSchema } from './chat.js'
export {
  aboutSchema,
  blockedContactSchema,
  businessProfileSchema,
  checkedNumberSchema,
  pictureSchema,
} from './contact.js'
export type { EventName, EventsGap, Handshake, ServerToClientEvents, WebhookDisabled } from './events.js'
export {
  EVENT_NAMES,
  EVENTS,
  eventPageSchema,
  eventsGapSchema,
  handshakeSchema,
  loggedEventSchema,
  SECRET_EVENTS,
  UNLOGGED_EVENTS,
  webhookDisabledSchema,
} from './events.js'
export { sessionIdSchema } from './fields.js'
export {
  createdGroupSchema,
  createGroupSchema,
  groupInviteSchema,
  groupSchema,
  joinedGroupSchema,
  joinRequestSchema,
  updateGroupSchema,
} from './group.js'
export type { ErrorCode } from './http-status.js'
export { ERROR_CODES, HTTP_STATUS } from './http-status.js'
export { LIMITS } from './limits.js'
export {
  healthReportSchema,
  maintenanceChangesSchema,
  maintenanceSchema,
  maintenanceStepNameSchema,
  maintenanceStepSchema,
  updateMaintenanceSchema,
} from './maintenance.js'
export {
  messageSchema,
  messageStatusSchema,
  readMessageSchema,
} from './message.js'
export { mediaSchema, messageTypeSchema } from './message-body.js'
export { moveSessionSchema, nodeSchema, nodesSchema } from './node.js'
export type { Permission } from './permissions.js'
export { PERMISSIONS, ROLES } from './permissions.js'
export type { Problem } from './problem.js'
export { PROBLEM_MEDIA_TYPE, problemSchema } from './problem.js'
export { privacySchema, profileSchema, updatePrivacySchema, updateProfileSchema } from './profile.js'
export {
  clearedQueueSchema,
  queuedMessageSchema,
  queueLengthSchema,
  queueLengthsSchema,
  queueSchema,
  sendBatchSchema,
  sentBatchSchema,
} from './queue.js'
export type { Area, FormBody, Method, RequestBody, ResponseBody, Role, Route } from './route.js'
export { errorCodesOf, mediaTypesOf, namesSession } from './route.js'
export type { AreaName, BodyOf, HeadersOf, ParamsOf, QueryOf, ResultOf, RouteName } from './routes/index.js'
export { AREAS, ROUTES } from './routes/index.js'
export { clientMessageIdSchema, sendFileFields, sendMessageSchema } from './send-message.js'
export type { Readiness } from './service.js'
export { livenessSchema, readinessSchema, versionSchema } from './service.js'
export {
  accountSchema,
  createSessionSchema,
  healthCheckSchema,
  pairingCodeSchema,
  qrSchema,
  sessionDetailsSchema,
  sessionHealthSchema,
  sessionSchema,
  sessionSettingsSchema,
  sessionSortSchema,
  sessionStatsSchema,
  sessionStatusSchema,
  statusReasonSchema,
  updateSessionSchema,
} from './session.js'
export { trafficHourSchema, trafficQuery, trafficSchema } from './traffic.js'
export type { Login } from './user.js'
export {
  changePasswordSchema,
  createUserSchema,
  credentialsSchema,
  loginSchema,
  roleSchema,
  updateUserSchema,
  userSchema,
} from './user.js'
export {
  createdWebhookSchema,
  createdWebhookSecretSchema,
  createWebhookSchema,
  deliveryAttemptSchema,
  deliverySchema,
  redeliveredSchema,
  redeliverSchema,
  updateWebhookSchema,
  webhookSchema,
} from './webhook.js'
