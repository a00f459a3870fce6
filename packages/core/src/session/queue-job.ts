import type { OutboundFile } from '../ports/connector.js'
import type { Job, JobRef, NewJob } from '../ports/job-store.js'
import type { StoredMessage } from '../types/message.js'
import type { SendPriority } from '../types/queue.js'

/** What a job of the queue carries: the whole message, so that it is sent also when its row was not stored any more. */
export interface QueuedSend {
  /** Without `raw` while its file is not uploaded. */
  message: StoredMessage
  file?: QueuedFile
  priority: SendPriority
  typing?: boolean
  sendAt?: string
  expiresAt?: string
  /** How often it could not be tried to the end. */
  failures?: number
}

/** A file that is kept here until the turn of its message has come. */
export interface QueuedFile extends Pick<OutboundFile, 'kind' | 'bytes' | 'sha256'> {
  /** What goes on the wire, but for where the file is. */
  raw: Uint8Array
}

interface Payload extends Omit<QueuedSend, 'message' | 'file'> {
  message: Omit<StoredMessage, 'raw'> & { raw: string }
  file?: Omit<QueuedFile, 'raw'> & { raw: string }
}

/** Before the key of a job that waits for the time of its message, and is in nobody's way until then. */
const SCHEDULED = 'scheduled:'

/**
 * By how much longer than it really is a message counts as due: of the first messages of all chats a store gives those that have
 * been due longest.
 */
const AHEAD_MS: Record<SendPriority, number> = {
  high: 20 * 365 * 86_400_000,
  normal: 10 * 365 * 86_400_000,
  low: 0,
}

/** The kind of the jobs that wait for the end of messages' time, of all sessions: one timer waits for the earliest. */
export const EXPIRY_KIND = 'send-expiry'

export function queueKind(sessionId: string): string {
  return `send:${sessionId}`
}

/** A message that may be sent in its turn. `lane`: whom it is for, the same one for both addresses of a person. */
export function queueJob(queued: QueuedSend, { lane, now }: { lane: string; now: number }): NewJob {
  const { message, priority } = queued
  return {
    kind: queueKind(message.sessionId),
    key: message.id,
    sessionId: message.sessionId,
    lane,
    payload: encode(queued),
    dueAt: new Date(now - AHEAD_MS[priority]).toISOString(),
    enqueuedAt: new Date(now).toISOString(),
  }
}

/** A message that waits for its time first. The lane that it will be in is kept with it. */
export function scheduledJob(queued: QueuedSend, { lane, now }: { lane: string; now: number }): NewJob {
  const { lane: _, ...job } = queueJob(queued, { lane, now })
  const dueAt = queued.sendAt ?? job.enqueuedAt
  return { ...job, key: SCHEDULED + job.key, payload: { ...encode(queued), lane }, dueAt }
}

/** Tells of the message when its time has passed; `undefined` for one that has no end. */
export function expiryJob({ message, expiresAt }: QueuedSend, { now }: { now: number }): NewJob | undefined {
  if (expiresAt === undefined) return undefined
  const { sessionId, id } = message
  const enqueuedAt = new Date(now).toISOString()
  return { ...expiryOf({ sessionId, id }), sessionId, payload: { messageId: id }, dueAt: expiresAt, enqueuedAt }
}

export function expiryOf({ sessionId, id }: { sessionId: string; id: string }): JobRef {
  return { kind: EXPIRY_KIND, key: `${sessionId}|${id}` }
}

export function expiringMessageOf({ sessionId = '', payload }: Job): { sessionId: string; messageId: string } {
  return { sessionId, ...(payload as { messageId: string }) }
}

/** Where the message of a job that has come to its time waits from now on; `undefined` where it does already. */
export function laneOf({ payload, key }: Job): string | undefined {
  return key.startsWith(SCHEDULED) ? (payload as { lane: string }).lane : undefined
}

/** Every job by which a message may be sent. */
export function jobsOf({ sessionId, id }: { sessionId: string; id: string }): JobRef[] {
  return [id, SCHEDULED + id].map((key) => ({ kind: queueKind(sessionId), key }))
}

export function queuedOf({ payload }: Pick<Job, 'payload'>): QueuedSend {
  const { message, file, priority, typing, sendAt, expiresAt, failures } = payload as Payload
  const { raw, ...row } = message
  return {
    message: { ...row, ...(raw ? { raw: Buffer.from(raw, 'base64') } : {}) },
    ...(file ? { file: { ...file, raw: Buffer.from(file.raw, 'base64') } } : {}),
    priority,
    ...(typing === undefined ? {} : { typing }),
    ...(sendAt === undefined ? {} : { sendAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(failures === undefined ? {} : { failures }),
  }
}

export function encode({ message, file, ...queued }: QueuedSend): Payload {
  const { raw, ...row } = message
  return {
    ...queued,
    message: { ...row, raw: base64(raw) },
    ...(file ? { file: { ...file, raw: base64(file.raw) } } : {}),
  }
}

function base64(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes).toString('base64')
}
