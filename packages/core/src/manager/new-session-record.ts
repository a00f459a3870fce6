import { v7 as uuid } from 'uuid'
import type { SessionRecord } from '../ports/session-store.js'
import type { CreateSessionOptions } from '../types/session.js'

/** The record of a session that nobody has started yet. */
export function newSessionRecord({ id, label, metadata, settings }: CreateSessionOptions, now: number): SessionRecord {
  const at = new Date(now).toISOString()
  return {
    id: id ?? uuid(),
    ...(label === undefined ? {} : { label }),
    metadata: metadata ?? {},
    settings: settings ?? {},
    desired: 'stopped',
    status: 'stopped',
    statusSince: at,
    counters: { sent: 0, received: 0, failed: 0, chats: 0 },
    attempts: { count: 0 },
    errors: [],
    attemptsLog: [],
    createdAt: at,
    updatedAt: at,
    revision: 1,
  }
}
