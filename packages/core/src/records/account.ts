import type { Account } from '../types/session.js'

type Addresses = Pick<Account, 'jid' | 'lid'>

/** Whether these are one account: a number that was changed keeps its LID, and a LID is not known from the beginning. */
export function isSameAccount(one: Addresses, other: Addresses): boolean {
  return one.jid === other.jid || (one.lid !== undefined && one.lid === other.lid)
}
