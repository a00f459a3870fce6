import type { Login } from '@trunkline/contract'

/** What keeps somebody signed in. Secret. */
export type Tokens = Required<Pick<Login, 'accessToken' | 'refreshToken' | 'expiresAt'>>

/** Those of a login. This client asks for no cookie, so that it has both. */
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

export interface SignInOptions {
  storage: TokenStorage
  /** Swaps a refresh token. */
  refresh(refreshToken: string): Promise<Login>
  now(): number
}

/** An access token this close to its end is swapped before it is used. */
const MARGIN_MS = 10_000

/** Who is signed in. However many calls find the access token ended, it is swapped once. */
export class SignIn {
  readonly #options: SignInOptions
  #swapping: Promise<Tokens | undefined> | undefined

  constructor(options: SignInOptions) {
    this.#options = options
  }

  async take({ accessToken, refreshToken, expiresAt }: Tokens): Promise<void> {
    await this.#options.storage.save({ accessToken, refreshToken, expiresAt })
  }

  async current(): Promise<Tokens | undefined> {
    return await this.#options.storage.load()
  }

  async forget(): Promise<void> {
    await this.#options.storage.save(undefined)
  }

  /** A token to send; `refused`: the one that the server took no longer. `undefined`: nobody is signed in. */
  async accessToken(refused?: string): Promise<string | undefined> {
    const tokens = this.#swapping ? await this.#swapping : await this.current()
    if (!tokens) return undefined
    const isGood = tokens.accessToken !== refused && Date.parse(tokens.expiresAt) - this.#options.now() > MARGIN_MS
    if (isGood) return tokens.accessToken
    this.#swapping ??= this.#swap().finally(() => {
      this.#swapping = undefined
    })
    return (await this.#swapping)?.accessToken
  }

  async #swap(): Promise<Tokens | undefined> {
    const tokens = await this.current()
    if (!tokens) return undefined
    try {
      const next = tokensOf(await this.#options.refresh(tokens.refreshToken))
      await this.take(next)
      return next
    } catch (error) {
      if (!isRefusal(error)) throw error
      // Another process, or another page, may have swapped it meanwhile and kept the new ones in the same place.
      const now = await this.current()
      if (now && now.refreshToken !== tokens.refreshToken) return now
      await this.forget()
      return undefined
    }
  }
}

function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 401
}
