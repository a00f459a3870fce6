import type { Login } from '@trunkline/contract'
import type { KeptLogin, Standing } from './kept-login.js'
import type { CallOptions } from './types.js'

/** An access token this close to its end is swapped before it is used. */
const MARGIN_MS = 10_000

/** Who is signed in. However many calls find the access token ended, it is swapped once. */
export class SignIn {
  readonly #login: KeptLogin
  readonly #now: () => number
  #swapping: Promise<Standing | undefined> | undefined

  constructor(login: KeptLogin, now: () => number) {
    this.#login = login
    this.#now = now
  }

  /** Somebody has proved who they are. */
  async take(login: Login): Promise<void> {
    await this.#login.take(login)
  }

  async end(call: CallOptions): Promise<void> {
    await this.#login.end(call)
  }

  /** A token to send; `refused`: the one that the server took no longer. `undefined`: nobody is signed in. */
  async accessToken(refused?: string): Promise<string | undefined> {
    const standing = this.#swapping ? await this.#swapping : await this.#login.read()
    if (!standing || this.#isGood(standing, refused)) return standing?.access?.accessToken
    this.#swapping ??= this.#login.swap().finally(() => {
      this.#swapping = undefined
    })
    return (await this.#swapping)?.access?.accessToken
  }

  #isGood({ access }: Standing, refused: string | undefined): boolean {
    if (!access || access.accessToken === refused) return false
    return Date.parse(access.expiresAt) - this.#now() > MARGIN_MS
  }
}
