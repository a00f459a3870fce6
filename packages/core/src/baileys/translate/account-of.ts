import { type AuthenticationCreds, jidDecode } from '@whiskeysockets/baileys'
import { normalizeJid, phoneOf } from '../../records/jid.js'
import type { Account } from '../../types/session.js'

/** Who is linked, from credentials that have `me`. */
export function accountOf({ me, platform }: Pick<AuthenticationCreds, 'me' | 'platform'>): {
  account: Account
  deviceId: number
} {
  const jid = normalizeJid(me?.id ?? '') ?? ''
  const lid = me?.lid ? normalizeJid(me.lid) : undefined
  return {
    account: {
      jid,
      ...(lid ? { lid } : {}),
      phone: phoneOf(jid) ?? '',
      ...(me?.name && me.name !== '~' ? { pushName: me.name } : {}),
      ...(platform ? { platform } : {}),
    },
    deviceId: jidDecode(me?.id)?.device ?? 0,
  }
}
