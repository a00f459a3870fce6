import { randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'

export interface AccessTokenOptions {
  /** At least 32 bytes. */
  secret: Uint8Array
  issuer: string
  audience: string
  lifetimeSeconds: number
  now(): number
}

/** Signs and checks access tokens: HS256 and nothing else, with issuer, audience, type and expiry all required. */
export class AccessTokens {
  readonly #options: AccessTokenOptions

  constructor(options: AccessTokenOptions) {
    this.#options = options
  }

  async sign(userId: string): Promise<{ token: string; expiresAt: string }> {
    const { secret, issuer, audience, lifetimeSeconds, now } = this.#options
    const issuedAt = Math.floor(now() / 1000)
    const expiresAt = issuedAt + lifetimeSeconds
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .setJti(randomUUID())
      .sign(secret)
    return { token, expiresAt: new Date(expiresAt * 1000).toISOString() }
  }

  /** Whose token it is and until when; `undefined` when it is not one of ours or has ended. */
  async verify(token: string): Promise<{ userId: string; expiresAt: string } | undefined> {
    const { secret, issuer, audience, now } = this.#options
    try {
      const { payload } = await jwtVerify(token, secret, {
        algorithms: ['HS256'],
        typ: 'at+jwt',
        issuer,
        audience,
        requiredClaims: ['sub', 'exp', 'iat'],
        currentDate: new Date(now()),
      })
      if (!payload.sub || payload.exp === undefined) return undefined
      return { userId: payload.sub, expiresAt: new Date(payload.exp * 1000).toISOString() }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}
