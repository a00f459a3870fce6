import { RESTING_STATUSES, type SessionStatus } from '../types/session.js'

/** What can happen to a session's status. The names follow the table in docs/architecture.md, "Status of a session". */
export const STATUS_EVENTS = [
  'start',
  'qr',
  'code-requested',
  'passkey-asked',
  'paired',
  'open',
  'qr-expired',
  'retryable-close',
  'stop',
  'logged-out',
  'banned',
  'failed',
] as const
export type StatusEvent = (typeof STATUS_EVENTS)[number]

const LINKING = ['awaiting_scan', 'awaiting_code', 'passkey_required'] as const satisfies readonly SessionStatus[]
const TRYING = ['connecting', 'reconnecting'] as const satisfies readonly SessionStatus[]
const RUNNING = [...LINKING, ...TRYING, 'connected'] as const satisfies readonly SessionStatus[]
const ANY = [...RESTING_STATUSES, ...RUNNING] as const satisfies readonly SessionStatus[]

const rows: { event: StatusEvent; from: readonly SessionStatus[]; to: SessionStatus }[] = [
  { event: 'start', from: RESTING_STATUSES, to: 'connecting' },
  // A QR during `reconnecting`: the connection dropped while the account was being linked.
  { event: 'qr', from: [...TRYING, 'awaiting_scan'], to: 'awaiting_scan' },
  { event: 'code-requested', from: ['awaiting_scan', 'awaiting_code'], to: 'awaiting_code' },
  // The next QR ref keeps the other two: the code typed on the phone, or the passkey, is still good.
  { event: 'qr', from: ['awaiting_code'], to: 'awaiting_code' },
  { event: 'qr', from: ['passkey_required'], to: 'passkey_required' },
  { event: 'passkey-asked', from: [...LINKING, ...TRYING], to: 'passkey_required' },
  { event: 'paired', from: [...LINKING, ...TRYING], to: 'connecting' },
  { event: 'open', from: TRYING, to: 'connected' },
  { event: 'qr-expired', from: [...LINKING, ...TRYING], to: 'stopped' },
  { event: 'retryable-close', from: RUNNING, to: 'reconnecting' },
  { event: 'stop', from: ANY, to: 'stopped' },
  { event: 'logged-out', from: ANY, to: 'logged_out' },
  { event: 'banned', from: RUNNING, to: 'banned' },
  { event: 'failed', from: RUNNING, to: 'failed' },
]

const table = new Map(rows.flatMap(({ event, from, to }) => from.map((status) => [`${status} ${event}`, to] as const)))

/** The status after `event`, or `undefined` when the event cannot happen in that status. */
export function nextStatus(status: SessionStatus, event: StatusEvent): SessionStatus | undefined {
  return table.get(`${status} ${event}`)
}

/** Whether a session in this status has, or is about to have, a connection. */
export function isRunning(status: SessionStatus): boolean {
  return (RUNNING as readonly SessionStatus[]).includes(status)
}
