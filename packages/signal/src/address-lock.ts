import { isLidAddress } from './signal-address.js'

/** What a lock can be taken on: a session by its address, or a sender key by its name. */
export type LockName = `session:${string}` | `sender-key:${string}`

/**
 * One queue per name, for one account. Names are taken in one global order (sessions of LIDs, sessions of phone numbers,
 * sender keys, each sorted), so that holders of several never wait for each other in a circle. A holder may take more
 * while it holds, but only later ones in that order.
 */
export class AddressLock {
  readonly #tails = new Map<LockName, Promise<void>>()

  /** Runs `work` while all names are held; they are given back whether it resolves or rejects. */
  async hold<T>(names: readonly LockName[], work: () => Promise<T>): Promise<T> {
    const ordered = names.length > 1 ? [...new Set(names)].sort(compareLockNames) : names
    const releases: Array<() => void> = []
    try {
      for (const name of ordered) releases.push(await this.#acquire(name))
      return await work()
    } finally {
      for (const release of releases) release()
    }
  }

  /** How many names are held or waited for. */
  get size(): number {
    return this.#tails.size
  }

  async #acquire(name: LockName): Promise<() => void> {
    const previous = this.#tails.get(name)
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const tail = previous ? previous.then(() => held) : held
    this.#tails.set(name, tail)
    await previous
    return () => {
      if (this.#tails.get(name) === tail) this.#tails.delete(name)
      release()
    }
  }
}

function compareLockNames(a: LockName, b: LockName): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0)
}

function rank(name: LockName): number {
  if (name.startsWith('sender-key:')) return 2
  return isLidAddress(name.slice('session:'.length)) ? 0 : 1
}
