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

/** Tokens whose signature is remembered: as many people and programs work at once on one server. */
const MAX_KNOWN_TOKENS = 10_000

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

type Claims = Omit<z.infer<typeof claimsSchema>, 'jti'>

/** Signs and checks access tokens: HS256 and nothing else, with issuer, audience, type and expiry all required. */
export class AccessTokens {
  readonly #options: AccessTokenOptions
  /**
   * By token, what it says. A signature that held holds for ever, and to check it is most of what a request costs; the time is
   * looked at each time. Only tokens that were signed here get in, so that strangers cannot fill it.
   */
  readonly #known = new Map<string, Claims>()

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
    const claims = this.#known.get(token) ?? (await this.#read(token))
    if (!claims) return undefined
    const { sub, iat, exp, epoch } = claims
    const seconds = this.#options.now() / 1000
    if (exp <= seconds) this.#known.delete(token)
    if (exp <= seconds || iat > seconds + MAX_SKEW_SECONDS) return undefined
    return { userId: sub, tokenEpoch: epoch, expiresAt: new Date(exp * 1000).toISOString() }
  }

  async #read(token: string): Promise<Claims | undefined> {
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
      if (!claims.success || claims.data.iat > claims.data.exp) return undefined
      this.#remember(token, claims.data)
      return claims.data
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  #remember(token: string, claims: Claims): void {
    this.#known.set(token, claims)
    if (this.#known.size <= MAX_KNOWN_TOKENS) return
    // The one that was signed longest ago ends first.
    for (const oldest of this.#known.keys()) return void this.#known.delete(oldest)
  }
}
