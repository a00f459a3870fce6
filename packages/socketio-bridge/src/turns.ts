/** Lets a few tasks run at a time. The others wait in the order they came, and no longer than their signal lets them. */
export class Turns {
  readonly #width: number
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor(options: { width: number }) {
    this.#width = options.width
  }

  /** What the task makes; `undefined`, and the task never runs, when the signal is aborted before its turn comes. */
  async take<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
    if (this.#running < this.#width) this.#running += 1
    else if (!(await this.#wait(signal))) return undefined
    try {
      return signal.aborted ? undefined : await task()
    } finally {
      this.#handOn()
    }
  }

  #wait(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const finish = (hasTurn: boolean) => {
        this.#waiting.delete(onTurn)
        signal.removeEventListener('abort', onAbort)
        resolve(hasTurn)
      }
      const onTurn = () => finish(true)
      const onAbort = () => finish(false)
      this.#waiting.add(onTurn)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** The place goes to the next one as it is, so that nobody who comes meanwhile can take it. */
  #handOn(): void {
    const [next] = this.#waiting
    if (next) next()
    else this.#running -= 1
  }
}
