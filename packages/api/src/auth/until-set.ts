/** More callers than this never race for one record at the same moment. */
const MAX_ATTEMPTS = 50

/** Repeats a compare-and-set until it answers something: `undefined` means that somebody else was faster. */
export async function untilSet<Result>(compareAndSet: () => Promise<Result | undefined>): Promise<Result> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const result = await compareAndSet()
    if (result !== undefined) return result
  }
  throw new Error(`A record changed ${MAX_ATTEMPTS} times while it was to be changed`)
}
