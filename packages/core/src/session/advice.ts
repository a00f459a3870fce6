import type { ErrorCode } from '../errors/codes.js'
import type { SessionStatus } from '../types/session.js'
import { assertNever } from '../util/assert-never.js'

/** What a person can do about a reason: one sentence each. */
const byCode: Partial<Record<ErrorCode, string>> = {
  CONNECTION_LOST: 'Nothing to do: it connects again by itself.',
  CONNECTION_TIMEOUT:
    'Nothing to do: it tries again by itself. If it stays like this, check the network and the proxy.',
  SERVICE_UNAVAILABLE: 'Nothing to do: WhatsApp has a problem, it tries again by itself.',
  RESTART_REQUIRED: 'Nothing to do: it connects again at once.',
  STORE_UNAVAILABLE: 'Check the database. The credentials are untouched; it tries again by itself.',
  STORE_CORRUPT: 'A stored record cannot be read. Restore the database from a backup, or restore archived credentials.',
  STORE_FULL: 'Make room for the database. The credentials are untouched; it tries again by itself.',
  ENCRYPTION_KEY_WRONG: 'Start with the AUTH_ENCRYPTION_KEY that the credentials were sealed with.',
  BACKUP_TOO_OLD:
    'Put the newest copy of the store back and start the session, or log it out and link the account again.',
  LEASE_HELD: 'Another node runs this session; ask that one, or wait until it is gone.',
  LEASE_LOST: 'Nothing to do: it goes on here, or on the node that took it over.',
  CONNECTION_REPLACED: 'Another program uses the same credentials. Stop it, then start this session.',
  LOGGED_OUT: 'The phone unlinked this device. Start the session and scan the new QR.',
  ACCOUNT_BANNED:
    'WhatsApp banned the account. Open WhatsApp on the phone and follow its instructions; start again afterwards.',
  ACCOUNT_LOCKED: 'Open WhatsApp on the phone: the account is locked, or the phone has been away for too long.',
  CLIENT_OUTDATED:
    'Update Trunkline, or set `version` (WA_VERSION of the server) to what web.whatsapp.com has now: 2.3000.<client_revision>, the number that stands in https://web.whatsapp.com/sw.js. Then start the session.',
  LOGIN_REFUSED: 'WhatsApp refused the login. Update Trunkline; if it stays, log out and link again.',
  MULTI_DEVICE_REQUIRED: 'Update WhatsApp on the phone, then start the session.',
  SERVER_NOT_TRUSTED:
    'Something between this machine and WhatsApp changes the traffic. Check the proxy and the network.',
  CERT_ROOT_CONFLICT: 'Use one root certificate per process.',
  PAIRING_REJECTED: 'Start the session and scan the new QR with the right phone.',
  ACCOUNT_CHANGED:
    'Start the session and scan the new QR with the phone of its account. For another account make another session, or clean this one up.',
  PASSKEY_REQUIRED: 'Confirm the passkey that WhatsApp asks for on the phone.',
  QR_EXPIRED: 'Nobody scanned the QR. Start the session when a phone is at hand.',
}

/** What to do now, for a status and the reason it has. */
export function adviceFor(status: SessionStatus, code?: ErrorCode): string {
  const known = code && byCode[code]
  if (known) return known
  switch (status) {
    case 'stopped':
      return 'Start the session to connect it.'
    case 'connecting':
      return 'Nothing to do: it is connecting.'
    case 'awaiting_scan':
      return 'Scan the QR with the phone: WhatsApp, Linked devices, Link a device.'
    case 'awaiting_code':
      return 'Type the pairing code on the phone: WhatsApp, Linked devices, Link with phone number.'
    case 'passkey_required':
      return 'Confirm the passkey that WhatsApp asks for on the phone.'
    case 'connected':
      return 'Nothing to do: it is connected.'
    case 'reconnecting':
      return 'Nothing to do: it connects again by itself.'
    case 'logged_out':
      return 'Start the session and scan the new QR.'
    case 'banned':
      return 'Open WhatsApp on the phone and follow its instructions; start again afterwards.'
    case 'failed':
      return 'Look at the errors of the session, then start it again.'
    default:
      return assertNever(status)
  }
}
