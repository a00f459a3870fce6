import type { ErrorCode } from '../errors/codes.js'
import type { Jid } from './jid.js'
import { LIMITS } from './limits.js'
import type { PacingSettings } from './pacing.js'
import type { SendRestriction } from './queue.js'

/** Every status of a session; what leads from one to another stands in docs/architecture.md. */
export const SESSION_STATUSES = [
  'stopped',
  'connecting',
  'awaiting_scan',
  'awaiting_code',
  'passkey_required',
  'connected',
  'reconnecting',
  'logged_out',
  'banned',
  'failed',
] as const

/** Those in which a session has no connection and is about to have none. */
export const RESTING_STATUSES = [
  'stopped',
  'logged_out',
  'banned',
  'failed',
] as const satisfies readonly SessionStatus[]

/** What a session is doing, one word each, the same in process, over HTTP and in events. */
export type SessionStatus = (typeof SESSION_STATUSES)[number]

/** What lists of sessions are sorted by, and by their ids where that is the same; with `-` in front from the last to the first. */
export const SESSION_SORTS = [
  'id',
  '-id',
  'createdAt',
  '-createdAt',
  'label',
  '-label',
  'status',
  '-status',
  'lastActivityAt',
  '-lastActivityAt',
] as const

/** One of `SESSION_SORTS`. A session without a label or an activity stands before those that have one. */
export type SessionSort = (typeof SESSION_SORTS)[number]

/** The field that a sort looks at. */
export type SessionSortField = SessionSort extends infer Sort ? (Sort extends `-${infer Field}` ? Field : never) : never

/** How a session is by its status and its last health check. */
export type SessionHealth = 'ok' | 'degraded' | 'unhealthy'

/** What the owner of the session wants: restored at the next start of the process, or left alone. */
export type DesiredState = 'running' | 'stopped'

/** Why a session has its status and what a person can do about it. */
export interface StatusReason {
  code: ErrorCode
  message: string
  /** One sentence a person can act on. */
  action: string
  /** When the next automatic try happens (ISO 8601); left out when nothing happens by itself. */
  retryAt?: string
}

/** The WhatsApp identity behind a session. */
export interface Account {
  /** The phone-number JID without the device. */
  jid: Jid
  lid?: Jid
  /** Digits only. */
  phone: string
  pushName?: string
  /** Platform of the phone, as WhatsApp reports it: `android`, `iphone`, `smba`, … */
  platform?: string
}

/** Which chats of a history are kept when an account is linked. */
export const PRELOAD_TYPES = ['individual', 'group', 'all', 'none'] as const
/** One of `PRELOAD_TYPES`. */
export type PreloadType = (typeof PRELOAD_TYPES)[number]

/** Of each kind of file the largest size, in bytes, that is fetched as soon as it comes in. */
export interface AutoDownload {
  image?: number
  video?: number
  document?: number
  sticker?: number
  audio?: number
  voice?: number
}

/** What holds for one session. Each takes effect with the next connection. */
export interface SessionSettings {
  /** What the history sync at linking keeps: chats of one kind, and how many of them, the newest. */
  preload?: { type: PreloadType; limit: number }
  /**
   * The proxy this account connects through: `http:`, `https:`, `socks4:` or `socks5:`, with user and password in the URL
   * (`socks5://user:secret@proxy.example:1080`). Not at an inside address, unless the manager's `proxyAllow` names it. The password is never shown again: sessions come back with `***` in its place.
   */
  proxyUrl?: string
  /** The name shown under "Linked devices" on the phone. */
  deviceName?: string
  /** Shows the account as online while connected. Off by default: the phone keeps its notifications. */
  markOnline?: boolean
  /** Sends read receipts for every inbound message. */
  readOnReceive?: boolean
  rejectCalls?: boolean
  ignoreGroups?: boolean
  /** How fast what is queued goes out; at once unless given. Holds at once. */
  pacing?: PacingSettings
  /** Which files of messages are fetched as they come in, and not when somebody wants them. None unless given. */
  autoDownload?: AutoDownload
  /** What is sent while the session is not connected is queued instead of refused. Holds at once. */
  queueWhenOffline?: boolean
}

/** How many messages were sent, received and failed, and how many chats were made, since the session was created. */
export interface SessionCounters {
  sent: number
  received: number
  failed: number
  chats: number
}

/** Tries to connect since the last connection that opened. Times are ISO 8601. */
export interface ConnectionAttempts {
  /** Failed tries since the last time the session was connected. */
  count: number
  lastAt?: string
  nextAt?: string
}

/** Why a session left its connection, or could not get one. */
export interface SessionError {
  at: string
  code: ErrorCode
  message: string
}

/** One attempt to connect, and what it came to. */
export interface AttemptLogEntry {
  at: string
  outcome: 'open' | 'close'
  code?: ErrorCode
  message?: string
}

/** WhatsApp's answer, or silence, to a question for a sign of life. */
export interface HealthCheckResult {
  at: string
  ok: boolean
  latencyMs?: number
  problem?: string
}

/** Metadata of the linked device (this process), as WhatsApp knows it. */
export interface DeviceInfo {
  /** The device number of the companion, 1 and up. */
  id: number
  name?: string
  linkedAt?: string
  /** The version of WhatsApp Web that it was let in with last, such as `2.3000.1035194821`. */
  webVersion?: string
}

/** A session as callers see it: in process, over HTTP and in events. Times are ISO 8601 strings in UTC. */
export interface Session {
  id: string
  label?: string
  metadata: Record<string, string>
  status: SessionStatus
  health: SessionHealth
  statusReason?: StatusReason
  /** The id of the node that runs it; left out while none does. */
  node?: string
  desired: DesiredState
  account?: Account
  settings: SessionSettings
  counters: SessionCounters
  attempts: ConnectionAttempts
  lastError?: SessionError
  /** What WhatsApp has told of its limits and holds, left out where there is none. */
  restrictions?: SendRestriction[]
  lastConnectedAt?: string
  lastActivityAt?: string
  createdAt: string
  updatedAt: string
}

/** A session with what helps to find out why it is in its state. */
export interface SessionDetails extends Session {
  device?: DeviceInfo
  /** Newest last, at most 20. */
  errors: SessionError[]
  /** Newest last, at most 20. */
  attemptsLog: AttemptLogEntry[]
  healthCheck?: HealthCheckResult
  /** This session's share of the process's memory: an estimate, heap used divided by running sessions. */
  memoryBytes: number
  advice: string
}

/** One QR text to show. Secret: whoever scans it links the account. */
export interface Qr {
  sessionId: string
  qr: string
  /** From 1. */
  attempt: number
  maxAttempts: number
  issuedAt: string
  expiresAt: string
}

/** A code to type on the phone under "Link with phone number". Secret, like the QR. */
export interface PairingCode {
  sessionId: string
  /** Digits only. */
  phone: string
  /** Eight characters, without the dash that phones show. */
  code: string
  expiresAt: string
}

/** Sums over sessions, with the memory and the age of this process. */
export interface SessionStats {
  total: number
  byStatus: Record<SessionStatus, number>
  /** Sessions that are desired to run. */
  active: number
  connected: number
  problematic: number
  messages: { sent: number; received: number; failed: number }
  chats: number
  memory: { rss: number; heapUsed: number; perSession: number }
  uptimeSeconds: number
}

/** What a session is made with; everything may be left out. */
export interface CreateSessionOptions {
  /** `^[A-Za-z0-9_-]{1,64}$` and none of `LIMITS.sessionId.reserved`; a UUID v7 unless given. */
  id?: string
  /** 1 to 100 characters; blanks around them are cut off. */
  label?: string
  /** At most 50 entries of at most 1,000 characters; keys are `^[A-Za-z0-9_:-]{1,64}$`. */
  metadata?: Record<string, string>
  settings?: SessionSettings
  /** Connect at once. `true` unless given. */
  start?: boolean
}

/** `null` clears a field; settings that are not named stay as they are. */
export interface UpdateSessionOptions {
  label?: string | null
  metadata?: Record<string, string>
  settings?: SettingsChanges
}

/** Changes of single settings; `null` clears one. */
export type SettingsChanges = { [Name in keyof SessionSettings]: SessionSettings[Name] | null }

/** What an id of a session may look like. A few words that are routes are refused besides: `LIMITS.sessionId.reserved`. */
export const SESSION_ID_PATTERN = new RegExp(LIMITS.sessionId.pattern)
