import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { accountOf } from '../translate/account-of.js'
import { decodeAuthValue } from './auth-codec.js'

/**
 * Whose stored credentials these are; `undefined` when no account is linked to them.
 *
 * @throws STORE_CORRUPT: what cannot be read may be of a linked account
 */
export function readLinkedAccount(stored: Uint8Array): ReturnType<typeof accountOf> | undefined {
  const creds = decodeAuthValue(stored) as AuthenticationCreds
  return creds.account && creds.me?.id ? accountOf(creds) : undefined
}
