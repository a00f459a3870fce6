/** Attributes of `<failure>`: `reason` is the code, a temporary ban has `code` and `expire` (seconds) too. */
export interface LoginFailure {
  reason: number
  code?: number
  expireSeconds?: number
}

interface Pending {
  failure: LoginFailure
  left: number
}

/** Logins that will be refused, by number. */
export class LoginFaults {
  readonly #pending = new Map<string, Pending>()

  set(number: string, failure: LoginFailure, times: number): void {
    this.#pending.set(number, { failure, left: times })
  }

  /** The attributes to refuse this login with, if it is to be refused. */
  take(number: string): Record<string, string> | undefined {
    const pending = this.#pending.get(number)
    if (!pending) return undefined
    pending.left -= 1
    if (pending.left <= 0) this.#pending.delete(number)
    const { reason, code, expireSeconds } = pending.failure
    return {
      reason: String(reason),
      ...(code === undefined ? {} : { code: String(code) }),
      ...(expireSeconds === undefined ? {} : { expire: String(expireSeconds) }),
    }
  }

  clear(): void {
    this.#pending.clear()
  }
}
