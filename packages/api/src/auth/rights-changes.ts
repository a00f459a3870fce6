import type { UserStore } from '@trunkline/core/store'

/** Tells whoever holds connections open that a user's rights may have changed. */
export class RightsChanges {
  readonly #listeners = new Set<(userId: string) => void>()

  tell(userId: string): void {
    for (const listener of this.#listeners) listener(userId)
  }

  /** @returns ends it */
  listen(listener: (userId: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

const byUsers = new WeakMap<UserStore, RightsChanges>()

/** One for all who work on the same users: the interface that changes them and the bridge that has their sockets. */
export function rightsChangesOf(users: UserStore): RightsChanges {
  const changes = byUsers.get(users) ?? new RightsChanges()
  byUsers.set(users, changes)
  return changes
}
