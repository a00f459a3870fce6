/** Runs named steps and prints each with the time it took; remembers which one it is in. */
export class Steps {
  current = 'start'
  readonly #startedAt = performance.now()

  /** What `work` gives; a step that takes longer than its time fails by its name. */
  async run<Result>(name: string, work: () => Promise<Result>, timeoutMs = 10_000): Promise<Result> {
    this.current = name
    const startedAt = performance.now()
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${timeoutMs / 1000} s`)), timeoutMs)
    })
    try {
      const result = await Promise.race([work(), tooLate])
      process.stdout.write(`${seconds(performance.now() - startedAt)}  ${name}\n`)
      return result
    } finally {
      clearTimeout(timer)
    }
  }

  get total(): string {
    return seconds(performance.now() - this.#startedAt)
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2).padStart(6)} s`
}
