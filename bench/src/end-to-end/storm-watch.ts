import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from './measure.js'

export interface StormResult {
  /** From the first connection that was lost until the last account was connected again. */
  backMs: number
  /** The same for each account, in the order in which they came back. */
  accountsBackMs: number[]
  /** Accounts that were not connected when the time was over. */
  missing: number
  expected: number
  lost: number
  doubled: number
  cpuMs: number
}

const PATIENCE_MS = 60_000

/** Watches the accounts of a side while all of their connections are lost at once. */
export class StormWatch {
  readonly #accounts: number
  readonly #cpuBefore = cpuMs()
  readonly #away = new Set<string>()
  readonly #hit = new Set<string>()
  readonly #back: number[] = []
  readonly #received = new Map<string, number>()
  #firstLossAt: number | undefined

  constructor({ accounts }: { accounts: number }) {
    this.#accounts = accounts
  }

  disconnected(account: string): void {
    this.#firstLossAt ??= performance.now()
    this.#away.add(account)
    this.#hit.add(account)
  }

  connected(account: string): void {
    if (!this.#away.delete(account)) return
    this.#back.push(performance.now() - (this.#firstLossAt ?? 0))
  }

  received({ account, text }: { account: string; text: string }): void {
    const key = `${account} ${text}`
    this.#received.set(key, (this.#received.get(key) ?? 0) + 1)
  }

  /** Resolves when everybody is back and has got what was sent, or when there is no more patience. */
  async result(expected: readonly { to: string; text: string }[]): Promise<StormResult> {
    const keys = expected.map(({ to, text }) => `${to} ${text}`)
    const deadline = performance.now() + PATIENCE_MS
    const complete = () =>
      this.#hit.size >= this.#accounts && this.#away.size === 0 && keys.every((key) => this.#received.has(key))
    while (!complete() && performance.now() < deadline) await sleep(50)
    const used = cpuMs() - this.#cpuBefore
    // What comes twice comes now.
    await sleep(1_500)
    return {
      backMs: this.#back.at(-1) ?? 0,
      accountsBackMs: this.#back,
      missing: this.#away.size + this.#accounts - this.#hit.size,
      expected: keys.length,
      lost: keys.filter((key) => !this.#received.has(key)).length,
      doubled: keys.filter((key) => (this.#received.get(key) ?? 0) > 1).length,
      cpuMs: used,
    }
  }
}
