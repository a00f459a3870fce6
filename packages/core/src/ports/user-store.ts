import type { Page } from '../types/page.js'
import type { User } from '../types/user.js'

/** People who sign in, and their refresh tokens. */
export interface UserStore {
  /** `false`, and nothing written, when the id or the e-mail (case-insensitive) is in use. */
  insert(user: UserRecord): Promise<boolean>
  get(userId: string): Promise<UserRecord | undefined>
  findByEmail(email: string): Promise<UserRecord | undefined>
  /** By id, ascending. */
  list(options: { limit: number; cursor?: string }): Promise<Page<UserRecord>>
  /**
   * Writes the given fields; `undefined` when there is no such user.
   *
   * @throws EMAIL_IN_USE when the e-mail is another user's
   */
  update(userId: string, changes: Partial<Omit<UserRecord, 'id' | 'createdAt'>>): Promise<UserRecord | undefined>
  /** Removes the user and revokes the refresh tokens. */
  remove(userId: string): Promise<void>

  insertRefreshFamily(family: RefreshFamily): Promise<void>
  /**
   * Swaps the token of a family, atomically: only one of two callers with the same token wins. `reused` when the presented
   * hash is not the current one (the family is revoked then); `missing` when there is no such family, or it is revoked or
   * expired at `now` (ISO 8601).
   */
  rotateRefreshToken(
    familyId: string,
    rotation: { presentedHash: string; nextHash: string; expiresAt: string; now: string },
  ): Promise<{ outcome: 'rotated'; userId: string } | { outcome: 'reused' | 'missing' }>
  revokeRefreshFamily(familyId: string): Promise<void>
  revokeRefreshFamilies(userId: string): Promise<void>
}

/** A user with the hash of the password. */
export interface UserRecord extends User {
  /** argon2id or scrypt, in PHC form. */
  passwordHash: string
}

/** The refresh tokens that descend from one login: only the newest is valid. */
export interface RefreshFamily {
  id: string
  userId: string
  /** SHA-256 of the current token, hex. */
  tokenHash: string
  createdAt: string
  expiresAt: string
}
