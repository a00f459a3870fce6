import { addressOf, type Party } from '../model/world.js'

/** Who is in whose view, and which phones are in somebody's hand. */
export class PresenceBook {
  /** By the number that is watched: watchers by their address. */
  readonly #watchers = new Map<string, Map<string, Party>>()
  readonly #phones = new Set<string>()

  watch(number: string, watcher: Party): void {
    const watchers = this.#watchers.get(number) ?? new Map<string, Party>()
    this.#watchers.set(number, watchers.set(addressOf(watcher), watcher))
  }

  unwatch(number: string, watcher: Party): void {
    this.#watchers.get(number)?.delete(addressOf(watcher))
  }

  watchersOf(number: string): Party[] {
    return [...(this.#watchers.get(number)?.values() ?? [])]
  }

  setPhoneAvailable(number: string, available: boolean): void {
    if (available) this.#phones.add(number)
    else this.#phones.delete(number)
  }

  isPhoneAvailable(number: string): boolean {
    return this.#phones.has(number)
  }
}
