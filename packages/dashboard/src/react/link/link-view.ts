import type { PairingCode, QrEvent, Session, StatusReason } from '../types.js'

/** What is known while an account is linked. */
export interface LinkFacts {
  /** `undefined`: it is gone, or was never there. */
  session: Pick<Session, 'status' | 'statusReason' | 'account'> | undefined
  qr: QrEvent | undefined
  code: PairingCode | undefined
  now: number
}

/** What a person sees. Whatever is known, it is one of these: nothing is ever empty. */
export type LinkView =
  | { kind: 'starting' }
  | { kind: 'qr'; qr: QrEvent; leftMs: number }
  /** The one before has ended, the next has not come. */
  | { kind: 'renewing' }
  | { kind: 'code'; code: PairingCode; leftMs: number }
  | { kind: 'code-ended' }
  | { kind: 'passkey' }
  /** The phone has scanned or typed; WhatsApp links the device. */
  | { kind: 'linking' }
  | { kind: 'connected'; account: Session['account'] }
  | { kind: 'expired' }
  | { kind: 'stopped' }
  | { kind: 'reconnecting'; reason: StatusReason | undefined }
  | { kind: 'failed'; status: 'failed' | 'banned' | 'logged_out'; reason: StatusReason | undefined }
  | { kind: 'deleted' }

/** Pure. `wasShown`: whether a QR or a code was seen before in this linking: `connecting` means then that the phone has taken it. */
export function linkView({ session, qr, code, now }: LinkFacts, { wasShown }: { wasShown: boolean }): LinkView {
  if (!session) return { kind: 'deleted' }
  const { status, statusReason, account } = session
  switch (status) {
    case 'connected':
      return { kind: 'connected', account }
    case 'connecting':
      return { kind: wasShown ? 'linking' : 'starting' }
    case 'awaiting_scan':
      return qrView(qr, now)
    case 'awaiting_code':
      return codeView(code, qr, now)
    case 'passkey_required':
      return { kind: 'passkey' }
    case 'reconnecting':
      return { kind: 'reconnecting', reason: statusReason }
    case 'stopped':
      return { kind: statusReason?.code === 'QR_EXPIRED' ? 'expired' : 'stopped' }
    case 'failed':
    case 'banned':
    case 'logged_out':
      return { kind: 'failed', status, reason: statusReason }
  }
}

function qrView(qr: QrEvent | undefined, now: number): LinkView {
  const leftMs = qr ? Date.parse(qr.expiresAt) - now : 0
  return qr && leftMs > 0 ? { kind: 'qr', qr, leftMs } : { kind: 'renewing' }
}

/** Without the code itself, asked for elsewhere, the QR is as good. */
function codeView(code: PairingCode | undefined, qr: QrEvent | undefined, now: number): LinkView {
  if (!code) return qrView(qr, now)
  const leftMs = Date.parse(code.expiresAt) - now
  return leftMs > 0 ? { kind: 'code', code, leftMs } : { kind: 'code-ended' }
}
