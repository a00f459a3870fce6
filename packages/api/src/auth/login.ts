import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Login } from '@trunkline/contract'
import { TrunklineError, type User } from '@trunkline/core'
import type { ApiKeyStore, AttemptStore, UserRecord, UserStore } from '@trunkline/core/store'
import { AccessTokens } from './access-tokens.js'
import { ApiKeys, apiKeyOf } from './api-keys.js'
import { type Authenticator, bearerToken } from './authenticator.js'
import { toSecret } from './check-auth-options.js'
import { LoginThrottle } from './login-throttle.js'
import { createPasswordHasher, type PasswordHasher } from './passwords.js'
import { publicUser } from './public-user.js'
import { type RightsChanges, rightsChangesOf } from './rights-changes.js'
import { untilSet } from './until-set.js'
import { UserDirectory } from './user-directory.js'

/** A login whose refresh token is still at hand. */
export type BegunLogin = Login & { refreshToken: string }

export interface LoginOptions {
  /**
   * Signs the access tokens. At least 32 bytes, and the same in every process that serves the same users. An environment that
   * lacks it is CONFIG_INVALID.
   */
  jwtSecret: string | Uint8Array | undefined
  issuer?: string
  audience?: string
  accessTokenSeconds?: number
  refreshTokenSeconds?: number
  /** Failed logins allowed in `windowMs`: of one account from one address, and from one address. */
  throttle?: { perAccount: number; perAddress: number; windowMs: number }
  /** For trying things out on loopback only: takes a secret under 32 bytes. */
  allowShortSecret?: boolean
  now?(): number
}

const DEFAULTS = {
  issuer: 'trunkline',
  audience: 'trunkline',
  accessTokenSeconds: 15 * 60,
  refreshTokenSeconds: 30 * 24 * 60 * 60,
  throttle: { perAccount: 10, perAddress: 50, windowMs: 15 * 60_000 },
  allowShortSecret: false,
  now: Date.now,
}

/** Trunkline's own login: users of the store, short access tokens, refresh tokens that change with every use. */
export class LoginService implements Authenticator {
  readonly #users: UserStore
  readonly #keyStore: ApiKeyStore | undefined
  /** Left out where the store keeps none: the routes are not there then. */
  readonly apiKeys?: ApiKeys
  readonly #options: typeof DEFAULTS
  readonly #accessTokens: AccessTokens
  readonly #throttle: LoginThrottle
  readonly #rights: RightsChanges
  #hasher?: Promise<PasswordHasher>

  constructor(
    {
      users,
      apiKeys,
      attempts,
    }: { users: UserStore; apiKeys?: ApiKeyStore | undefined; attempts?: AttemptStore | undefined },
    options: LoginOptions,
  ) {
    this.#users = users
    this.#keyStore = apiKeys
    this.#options = { ...DEFAULTS, ...withoutUndefined(options) }
    const { issuer, audience, accessTokenSeconds, allowShortSecret, throttle, now } = this.#options
    const secret = toSecret(options.jwtSecret, { allowShort: allowShortSecret })
    this.#accessTokens = new AccessTokens({ secret, issuer, audience, lifetimeSeconds: accessTokenSeconds, now })
    const shared = attempts && { attempts, secret: throttleSecret(secret) }
    this.#throttle = new LoginThrottle({ ...throttle, ...(shared ? { shared } : {}) })
    this.#rights = rightsChangesOf(users)
    if (apiKeys) this.apiKeys = new ApiKeys({ keys: apiKeys, users, rights: this.#rights, now })
  }

  /** How long a refresh token is good. */
  get refreshTokenSeconds(): number {
    return this.#options.refreshTokenSeconds
  }

  /** Who manages the users of this login. */
  get directory(): UserDirectory {
    const passwords = () => this.#passwords()
    return new UserDirectory({
      users: this.#users,
      apiKeys: this.#keyStore,
      rights: this.#rights,
      passwords,
      now: this.#options.now,
    })
  }

  onRightsChange(listener: (userId: string) => void): () => void {
    return this.#rights.listen(listener)
  }

  /** The user is read again for every call, so that disabling one or taking a session away works at once. */
  async authenticate({ headers }: Parameters<Authenticator['authenticate']>[0]) {
    const token = bearerToken(headers)
    const key = apiKeyOf(headers)
    if (key !== undefined) return this.apiKeys?.authenticate(key)
    const verified = token && (await this.#accessTokens.verify(token))
    if (!verified) return undefined
    const user = await this.#users.get(verified.userId)
    if (!user || user.disabled || user.tokenEpoch !== verified.tokenEpoch) return undefined
    return { userId: user.id, role: user.role, sessionIds: user.sessionIds, expiresAt: verified.expiresAt }
  }

  /**
   * @param options.about is told whose sign-in it is once that is known, `undefined` for nobody's; not for one that is throttled
   * @throws INVALID_CREDENTIALS · RATE_LIMITED
   */
  async signIn(
    { email, password }: { email: string; password: string },
    { address, about }: { address: string | undefined; about?(userId: string | undefined): void },
  ): Promise<BegunLogin> {
    const account = email.toLowerCase()
    await this.#throttle.begin(account, address)
    const user = await this.#users.findByEmail(email)
    about?.(user?.id)
    // An unknown e-mail costs the same work as a known one, so that the time of the answer tells nothing.
    const passwords = await this.#passwords()
    const matches = await passwords.verify(user?.passwordHash, password)
    if (!user || !matches || user.disabled) throw new TrunklineError('INVALID_CREDENTIALS')
    await this.#throttle.succeed(account, address)
    if (passwords.isOutdated(user.passwordHash)) {
      const passwordHash = await passwords.hash(password)
      // Somebody else may change the user meanwhile; the next sign-in is another occasion.
      await this.#users.update(user.id, { passwordHash }, { expectedRevision: user.revision })
    }
    return await this.#begin(user)
  }

  /**
   * Ends every login of the user and begins a new one, for who asks.
   *
   * @throws INVALID_CREDENTIALS when `password` is not the one of now · RATE_LIMITED · UNAUTHENTICATED
   */
  async changePassword(
    userId: string,
    { password, newPassword }: { password: string; newPassword: string },
    address: string | undefined,
  ): Promise<BegunLogin> {
    const passwords = await this.#passwords()
    const changed = await untilSet(async () => {
      const user = await this.#users.get(userId)
      if (!user) throw new TrunklineError('UNAUTHENTICATED')
      const account = user.email.toLowerCase()
      await this.#throttle.begin(account, address)
      if (!(await passwords.verify(user.passwordHash, password))) throw new TrunklineError('INVALID_CREDENTIALS')
      await this.#throttle.succeed(account, address)
      const changes = { passwordHash: await passwords.hash(newPassword), tokenEpoch: user.tokenEpoch + 1 }
      return this.#users.update(userId, changes, { expectedRevision: user.revision })
    })
    this.#rights.tell(userId)
    await this.#users.revokeRefreshFamilies(userId)
    return await this.#begin(changed)
  }

  /** @throws UNAUTHENTICATED; when the token was swapped before, every token that descends from its login ends with it */
  async refresh(refreshToken: string, { onReuse }: { onReuse?(): void } = {}): Promise<BegunLogin> {
    const familyId = familyOf(refreshToken)
    const next = this.#nextRefreshToken(familyId)
    const rotated = await this.#users.rotateRefreshToken(familyId, {
      presentedHash: hashOf(refreshToken),
      nextHash: next.hash,
      expiresAt: next.expiresAt,
      now: new Date(this.#options.now()).toISOString(),
    })
    if (rotated.outcome === 'reused') onReuse?.()
    if (rotated.outcome !== 'rotated') throw refreshRefused()
    const user = await this.#users.get(rotated.userId)
    // One that was begun before the epoch was raised may have been stored after all of them were revoked.
    if (!user || user.disabled || user.tokenEpoch !== epochOf(familyId)) {
      await this.#users.revokeRefreshFamily(familyId)
      throw refreshRefused()
    }
    return await this.#login(user, next.token)
  }

  /**
   * Ends the login of the refresh token; a token of no login is fine. Access tokens run out by themselves.
   *
   * @returns whose login it was
   */
  async signOut(refreshToken: string): Promise<string | undefined> {
    const familyId = familyOf(refreshToken)
    const now = new Date(this.#options.now()).toISOString()
    // Swapping proves that the caller holds the token; a token that was swapped before revokes the family by itself.
    const next = this.#nextRefreshToken(familyId)
    const rotated = await this.#users.rotateRefreshToken(familyId, {
      presentedHash: hashOf(refreshToken),
      nextHash: next.hash,
      expiresAt: next.expiresAt,
      now,
    })
    if (rotated.outcome !== 'rotated') return undefined
    await this.#users.revokeRefreshFamily(familyId)
    return rotated.userId
  }

  async user(userId: string): Promise<User> {
    const user = await this.#users.get(userId)
    if (!user) throw new TrunklineError('UNAUTHENTICATED')
    return publicUser(user)
  }

  /** A new login of somebody who has proved who they are. */
  async #begin(user: UserRecord): Promise<BegunLogin> {
    const familyId = `${randomBytes(16).toString('base64url')}.${user.tokenEpoch}`
    const refresh = this.#nextRefreshToken(familyId)
    await this.#users.insertRefreshFamily({
      id: familyId,
      userId: user.id,
      tokenHash: refresh.hash,
      createdAt: new Date(this.#options.now()).toISOString(),
      expiresAt: refresh.expiresAt,
    })
    return await this.#login(user, refresh.token)
  }

  async #login(user: UserRecord, refreshToken: string): Promise<BegunLogin> {
    const { token, expiresAt } = await this.#accessTokens.sign(user.id, user.tokenEpoch)
    return { accessToken: token, refreshToken, tokenType: 'Bearer', expiresAt, user: publicUser(user) }
  }

  #nextRefreshToken(familyId: string) {
    const token = `${familyId}.${randomBytes(32).toString('base64url')}`
    const expiresAt = new Date(this.#options.now() + this.#options.refreshTokenSeconds * 1000).toISOString()
    return { token, hash: hashOf(token), expiresAt }
  }

  #passwords(): Promise<PasswordHasher> {
    this.#hasher ??= createPasswordHasher()
    return this.#hasher
  }
}

/** The same in all processes that serve the same users, and nothing that tells the secret of the tokens. */
function throttleSecret(secret: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update('login throttle').digest()
}

/** Everything before the secret: `<random>.<epoch>.<secret>`. */
function familyOf(refreshToken: string): string {
  return refreshToken.slice(0, Math.max(0, refreshToken.lastIndexOf('.')))
}

function epochOf(familyId: string): number {
  return Number(familyId.split('.')[1])
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function refreshRefused() {
  return new TrunklineError('UNAUTHENTICATED', { message: 'The refresh token is not valid' })
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}
