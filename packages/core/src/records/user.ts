import type { User } from '../types/user.js'

/** A user with what only the login needs. */
export interface UserRecord extends User {
  /** argon2id or scrypt, in PHC form. */
  passwordHash: string
  /** Tokens of an earlier one are none any more: raising it ends every login of the user at once. */
  tokenEpoch: number
  /** The environment of a server has named it as its admin: it goes when another one is named there. */
  madeBy?: 'environment'
  /** Counts the changes. */
  revision: number
}

/** What can be changed of a user. */
export type UserChanges = Partial<Omit<UserRecord, 'id' | 'createdAt' | 'revision'>>

/** Whether somebody can sign in and administer everything. One of them has to stay, or nobody could ever make another. */
export function isFullAdmin({ role, sessionIds, disabled }: UserRecord): boolean {
  return role === 'admin' && sessionIds === '*' && !disabled
}

/** The user after a change. What is given as `undefined` stays. */
export function changedUser(user: UserRecord, changes: UserChanges): UserRecord {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  return { ...user, ...Object.fromEntries(given), revision: user.revision + 1 }
}
