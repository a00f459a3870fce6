import type { Group, Session } from '../../../react/types.js'

type Role = Group['participants'][number]['role']

/** What the account is in the group. */
export function roleOf({ participants }: Group, account: Session['account']): Role | undefined {
  if (!account) return undefined
  const { jid, lid, phone } = account
  return participants.find((one) => one.id === jid || one.id === lid || one.phone === phone)?.role
}
