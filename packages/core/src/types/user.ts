/** What people may do, from everything to reading; the permissions of each stand in `@trunkline/contract`. */
export const ROLES = ['admin', 'operator', 'viewer'] as const
/** viewer reads; operator also sends and manages the sessions given to them; admin everything. */
export type Role = (typeof ROLES)[number]

/** Somebody who signs in. */
export interface User {
  id: string
  name: string
  email: string
  role: Role
  /** The sessions this user sees; `*` is all of them. */
  sessionIds: string[] | '*'
  createdAt: string
  disabled: boolean
}
