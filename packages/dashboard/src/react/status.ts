import type { Dictionary, TextKey } from './i18n/en.js'
import { en } from './i18n/en.js'
import type { Translate } from './i18n/translate.js'
import type { Session, SessionStatus, StatusReason } from './types.js'

/** The colour of a status: each stands for what is asked of a person. */
export type Tone = 'good' | 'work' | 'link' | 'bad' | 'idle'

export const TONES: Readonly<Record<SessionStatus, Tone>> = {
  connected: 'good',
  connecting: 'work',
  reconnecting: 'work',
  awaiting_scan: 'link',
  awaiting_code: 'link',
  passkey_required: 'link',
  logged_out: 'bad',
  banned: 'bad',
  failed: 'bad',
  stopped: 'idle',
}

/** What comes first where the most urgent is first. */
export const TONE_ORDER: readonly Tone[] = ['bad', 'work', 'link', 'good', 'idle']

/** Whether it has, or is about to have, a connection. */
export function isRunning(status: SessionStatus): boolean {
  return TONES[status] !== 'bad' && status !== 'stopped'
}

export function nameOf({ label, id }: Pick<Session, 'label' | 'id'>): string {
  return label ?? id
}

/** Country codes of one and of two digits (ITU-T E.164); all others have three. */
const SHORT_CODES = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

/** `+51 987 654 321`, in groups that eyes can hold: nobody dials from here. */
export function phoneText(digits: string): string {
  const code = SHORT_CODES.exec(digits)?.[0] ?? digits.slice(0, 3)
  const groups = digits.slice(code.length).match(/\d{4}$|\d{3}(?=\d{3})|\d{1,4}/g) ?? []
  return `+${[code, ...groups].join(' ')}`
}

/** Why it is so: the words of this language for what is known, those of the server for the rest. */
export function reasonText(reason: StatusReason, t: Translate): string {
  const key = `reason.${reason.code}`
  return isSimpleKey(key) ? t(key) : reason.message
}

/** What a person can do about it. */
export function adviceText({ status, statusReason }: Pick<Session, 'status' | 'statusReason'>, t: Translate): string {
  const key = statusReason ? `advice.${statusReason.code}` : `advice.${status}`
  return isSimpleKey(key) ? t(key) : (statusReason?.action ?? '')
}

type ReasonKey = Extract<TextKey, `reason.${string}` | `advice.${string}`>

function isSimpleKey(key: string): key is ReasonKey {
  return Object.hasOwn(en satisfies Dictionary, key)
}
