/** An event that is stored, and what hands it on. */
export interface Announcement {
  seq: number
  announce(): void
}

/** What was stored at once: how much of it is to be handed on yet, and what is called then. */
interface Step {
  left: number
  done: () => void
}

/**
 * Hands events on in the order of their numbers, although several steps are stored at the same time: an event waits while one
 * before it may still be on its way.
 */
export class AnnouncementOrder {
  #storing = 0
  #last: number | undefined
  #waiting: (Announcement & { of: Step })[] = []

  /** The number of the last event that was handed on, if there was one. */
  get last(): number | undefined {
    return this.#last
  }

  /** To be called before something is stored; what it answers, once that has come to an end. Resolves when all are handed on. */
  begin(): (stored: readonly Announcement[]) => Promise<void> {
    this.#storing += 1
    return async (stored) => {
      this.#storing -= 1
      const step: Step = { left: stored.length, done: () => {} }
      this.#waiting.push(...stored.map((one) => ({ ...one, of: step })))
      this.#handOn()
      if (step.left === 0) return
      await new Promise<void>((resolve) => {
        step.done = resolve
      })
    }
  }

  /** An event of this number was told by somebody. */
  seen(seq: number): void {
    this.#last = Math.max(this.#last ?? 0, seq)
  }

  #handOn(): void {
    this.#waiting.sort((left, right) => left.seq - right.seq)
    while (this.#waiting[0] && (this.#storing === 0 || this.#waiting[0].seq <= (this.#last ?? 0) + 1)) {
      const [next] = this.#waiting.splice(0, 1)
      if (!next) return
      this.seen(next.seq)
      next.announce()
      next.of.left -= 1
      if (next.of.left === 0) next.of.done()
    }
  }
}
