import { randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

export interface AccessTokenOptions {
  /** At least 32 bytes. */
  secret: Uint8Array
  issuer: string
  audience: string
  lifetimeSeconds: number
  now(): number
}

/** How far the clocks of two processes may lie apart that sign and check with one secret. */
const MAX_SKEW_SECONDS = 60

/** The last second that a `Date` knows. */
const LAST_SECOND = 8.64e12

/** A signature says who made the token, and nothing of what a program made of its claims. */
const claimsSchema = z.object({
  sub: z
    .string()
    .min(1)
    .max(128)
    .refine((text) => !/\p{Surrogate}/u.test(text)),
  iat: z.number().min(0).max(LAST_SECOND),
  exp: z.number().min(0).max(LAST_SECOND),
  epoch: z.int().min(0),
  jti: z.string().max(128).optional(),
})

/** Signs and checks access tokens: HS256 and nothing else, with issuer, audience, type and expiry all required. */
export class AccessTokens {
  readonly #options: AccessTokenOptions

  constructor(options: AccessTokenOptions) {
    this.#options = options
  }

  /** @param tokenEpoch that of the user: the token is none any more when the user has a later one */
  async sign(userId: string, tokenEpoch: number): Promise<{ token: string; expiresAt: string }> {
    const { secret, issuer, audience, lifetimeSeconds, now } = this.#options
    const issuedAt = Math.floor(now() / 1000)
    const expiresAt = issuedAt + lifetimeSeconds
    const token = await new SignJWT({ epoch: tokenEpoch })
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
  async verify(token: string): Promise<{ userId: string; tokenEpoch: number; expiresAt: string } | undefined> {
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
      const claims = claimsSchema.safeParse(payload)
      if (!claims.success) return undefined
      const { sub, iat, exp, epoch } = claims.data
      if (iat > now() / 1000 + MAX_SKEW_SECONDS || iat > exp) return undefined
      return { userId: sub, tokenEpoch: epoch, expiresAt: new Date(exp * 1000).toISOString() }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}
