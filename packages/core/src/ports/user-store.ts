import type { UserChanges, UserRecord } from '../records/user.js'
import type { Page } from '../types/page.js'

/** People who sign in, and their refresh tokens. A full admin is one whom `isFullAdmin` names. */
export interface UserStore {
  /** `false`, and nothing written, when the id or the e-mail (case-insensitive) is in use. */
  insert(user: UserRecord): Promise<boolean>
  get(userId: string): Promise<UserRecord | undefined>
  findByEmail(email: string): Promise<UserRecord | undefined>
  /** By id, ascending. `search`: only those with this in their name or e-mail, whatever the case of its letters. */
  list(options: { limit: number; cursor?: string; search?: string }): Promise<Page<UserRecord>>
  /**
   * Writes the given fields, raises the revision by one, and answers the record; `undefined` when there is no such user, or when
   * `expectedRevision` is given and is not the current one.
   *
   * @throws EMAIL_IN_USE when the e-mail is another user's · LAST_ADMIN, and nothing written, when `keepAdmin` is set and no
   * full admin would be left, also when the last two are changed or removed at once
   */
  update(userId: string, changes: UserChanges, options?: UserUpdateOptions): Promise<UserRecord | undefined>
  /**
   * Removes the user and revokes the refresh tokens.
   *
   * @throws LAST_ADMIN as `update` does
   */
  remove(userId: string, options?: Pick<UserUpdateOptions, 'keepAdmin'>): Promise<void>

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

/** What an update holds on to. */
export interface UserUpdateOptions {
  /** Writes only while this is the revision. */
  expectedRevision?: number
  /** Keeps the last full admin. */
  keepAdmin?: boolean
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
