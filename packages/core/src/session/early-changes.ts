import type { WireChange } from '../ports/connector.js'

/** More are not held at once: for most the message is one from before the link, and never comes. */
const MAX_HELD = 64

/** For how long a message may still come: a recipient that could not decrypt it asks again for some days. */
const MAX_AGE_MS = 7 * 24 * 3_600_000

export interface EarlyChange {
  change: WireChange
  /** Called once it is applied, or given up: until then the connector's journal keeps it over a crash. */
  settle: () => Promise<void>
}

/**
 * Changes that came before their message: it could not be decrypted at first and is on its way again, or the history that
 * holds it has yet to come.
 */
export class EarlyChanges {
  readonly #held = new Map<string, EarlyChange>()

  /** Holds a change; answers the one that is given up for it, which may be the same. `now`: milliseconds since 1970. */
  hold(early: EarlyChange, { now }: { now: number }): EarlyChange | undefined {
    const { change } = early
    if (Date.parse(change.at) < now - MAX_AGE_MS) return early
    // What comes again after a crash is the same change, with a journal entry of its own connection.
    const key = `${change.id}|${change.senderId}`
    this.#held.delete(key)
    this.#held.set(key, early)
    if (this.#held.size <= MAX_HELD) return undefined
    const [oldest] = this.#held
    if (!oldest) return undefined
    this.#held.delete(oldest[0])
    return oldest[1]
  }

  /** Takes out what is held for these messages, in the order in which it came. */
  take(messageIds: readonly string[]): EarlyChange[] {
    if (this.#held.size === 0) return []
    const ids = new Set(messageIds)
    const taken = [...this.#held].filter(([, { change }]) => ids.has(change.messageId))
    for (const [key] of taken) this.#held.delete(key)
    return taken.map(([, early]) => early)
  }
}
