import { type AuthenticationCreds, type BinaryNode, getBinaryNodeChild, jidDecode } from '@whiskeysockets/baileys'
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

/** Whom WhatsApp has just linked, from its `pair-success`. */
export function linkedAccountOf(stanza: BinaryNode): Pick<Account, 'jid' | 'lid'> {
  const device = getBinaryNodeChild(getBinaryNodeChild(stanza, 'pair-success'), 'device')
  const lid = normalizeJid(device?.attrs.lid ?? '')
  return { jid: normalizeJid(device?.attrs.jid ?? '') ?? '', ...(lid ? { lid } : {}) }
}
