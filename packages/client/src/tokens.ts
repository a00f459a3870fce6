import type { Login } from '@trunkline/contract'

/** What keeps somebody signed in. Secret. */
export type Tokens = Required<Pick<Login, 'accessToken' | 'refreshToken' | 'expiresAt'>>

/** Those of a login that was not asked for a cookie. */
export function tokensOf({ accessToken, refreshToken, expiresAt }: Login): Tokens {
  if (refreshToken === undefined) throw new TypeError('The server gave no refresh token')
  return { accessToken, refreshToken, expiresAt }
}

/** Where they are kept: in memory unless given, so that they end with the process or the page. */
export interface TokenStorage {
  load(): Tokens | undefined | Promise<Tokens | undefined>
  /** `undefined`: nobody is signed in any more. */
  save(tokens: Tokens | undefined): void | Promise<void>
}

export function memoryStorage(): TokenStorage {
  let kept: Tokens | undefined
  return {
    load: () => kept,
    save(tokens) {
      kept = tokens
    },
  }
}
