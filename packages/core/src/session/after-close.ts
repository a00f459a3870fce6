import type { SessionChanges } from '../ports/session-store.js'
import type { SessionStatus } from '../types/session.js'
import { assertNever } from '../util/assert-never.js'
import { fullJitter } from '../util/backoff.js'
import type { CloseVerdict } from './reconnect-policy.js'
import type { SessionTimings } from './services.js'
import { nextStatus, type StatusEvent } from './session-machine.js'

/** A restart that WhatsApp asks for is at once; more than this many in a row are treated as failures. */
const MAX_RESTARTS_IN_A_ROW = 3

/** What a run remembers of its connections. */
export interface CloseHistory {
  failuresInARow: number
  restartsInARow: number
  /** When another connection opened the account last, by the monotonic clock. */
  replacedAt?: number
}

export const NO_HISTORY: CloseHistory = { failuresInARow: 0, restartsInARow: 0 }

export interface ClosedConnection {
  verdict: CloseVerdict
  /** The status of the session when the connection closed. */
  status: SessionStatus
  /** Whether its credentials are those of a linked account. */
  linked: boolean
  /** Whether a refused version is to be followed by another. */
  newerVersion: boolean
  /** How long it was open, 0 when it never was. */
  openMs: number
  /** By the monotonic clock. */
  now: number
}

export type Next = { kind: 'end' } | { kind: 'connect'; afterMs: number }

/** What a session does about a closed connection, in this order: archive, write down, go on. */
export interface AfterClose {
  archive: boolean
  /** What happens to the status; left out where it stays. */
  event?: StatusEvent
  changes: Pick<SessionChanges, 'desired' | 'account' | 'device'>
  /** Whether it counts as a failed attempt. */
  failed: boolean
  next: Next
  history: CloseHistory
}

export interface CloseRules {
  timings: SessionTimings
  /** 0 (inclusive) to 1 (exclusive). */
  random: () => number
}

/** Decides what follows the close of a connection. */
export function afterClose(closed: ClosedConnection, history: CloseHistory, rules: CloseRules): AfterClose {
  const { verdict, status, linked, openMs, now } = closed
  const { timings, random } = rules
  const before = openMs > timings.stableAfterMs ? { ...history, failuresInARow: 0, restartsInARow: 0 } : history
  switch (verdict.action) {
    case 'restart': {
      const after = { ...before, restartsInARow: before.restartsInARow + 1 }
      if (after.restartsInARow > MAX_RESTARTS_IN_A_ROW) return tryAgain(after, rules)
      const atOnce = { archive: false, changes: {}, failed: false, next: connect(0), history: after }
      // After a link WhatsApp always asks for this: the session goes on connecting.
      return status === 'connecting' ? atOnce : { ...atOnce, event: 'retryable-close' }
    }
    case 'pair-again':
      if (!linked) return tryAgain(before, rules)
      return { ...tryAgain(before, rules), archive: true, changes: { account: null, device: null } }
    case 'retry':
      return tryAgain(before, rules)
    case 'replaced': {
      const after = { ...before, replacedAt: now }
      const isFight = before.replacedAt !== undefined && now - before.replacedAt < timings.replacedWindowMs
      if (isFight) return giveUp('failed', after)
      return tryAgain(after, rules, timings.replacedRetryMs * (0.75 + random() / 2))
    }
    case 'logged-out': {
      const changes = { desired: 'stopped', account: null, device: null } as const
      return { ...giveUp('logged-out', before), archive: true, changes }
    }
    case 'qr-expired':
      // A connection that was open showed no QR: then this is the end of that connection and no more.
      if (!nextStatus(status, 'qr-expired')) return tryAgain(before, rules)
      return { ...giveUp('qr-expired', before), changes: { desired: 'stopped' } }
    case 'outdated':
      // The pause before the next try is that of whoever looks for a version.
      return closed.newerVersion ? tryAgain(before, rules, 0) : giveUp('failed', before)
    case 'banned':
    case 'failed':
      return giveUp(verdict.action, before)
    default:
      return assertNever(verdict)
  }
}

function tryAgain(before: CloseHistory, { timings, random }: CloseRules, givenMs?: number): AfterClose {
  const history = { ...before, failuresInARow: before.failuresInARow + 1 }
  const { reconnectBaseMs: baseMs, reconnectMaxMs: maxMs } = timings
  const afterMs = givenMs ?? fullJitter(history.failuresInARow, { baseMs, maxMs, random })
  return { archive: false, event: 'retryable-close', changes: {}, failed: true, next: connect(afterMs), history }
}

function giveUp(event: StatusEvent, history: CloseHistory): AfterClose {
  return { archive: false, event, changes: {}, failed: false, next: { kind: 'end' }, history }
}

function connect(afterMs: number): Next {
  return { kind: 'connect', afterMs }
}
