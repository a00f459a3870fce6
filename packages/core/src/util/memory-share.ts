/**
 * How much memory all of something may take together. What finds no room in it does without, in a way that is slower: it is no queue.
 */
export class MemoryShare {
  readonly #maxBytes: number
  readonly #maxBytesEach: number
  #taken = 0

  constructor({ maxBytes, maxBytesEach }: { maxBytes: number; maxBytesEach: number }) {
    this.#maxBytes = maxBytes
    this.#maxBytesEach = maxBytesEach
  }

  /** Bytes that are taken at the moment. */
  get taken(): number {
    return this.#taken
  }

  /** Takes `to` bytes in the place of `from`, which were taken before. `false`: there is no room, and `from` are still taken. */
  resize(from: number, to: number): boolean {
    const taken = this.#taken - from + to
    if (to > from && (to > this.#maxBytesEach || taken > this.#maxBytes)) return false
    this.#taken = taken
    return true
  }
}
