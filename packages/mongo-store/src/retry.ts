import { isDuplicateKey } from './errors.js'

/** More callers than this never race for one document at the same moment. */
const MAX_ATTEMPTS = 200

/**
 * Does the work again when a document was made by somebody else in the middle of it: the next attempt finds it. `onDuplicate`
 * may look at why, and reject.
 */
export async function retryOnDuplicate<Result>(
  work: () => Promise<Result>,
  onDuplicate: () => Promise<void> = async () => {},
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === MAX_ATTEMPTS) throw error
      await onDuplicate()
    }
  }
}

/** Repeats a compare-and-set until it answers something: `undefined` means that somebody else was faster. */
export async function retryUntilSet<Result>(compareAndSet: () => Promise<Result | undefined>): Promise<Result> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = await compareAndSet()
    if (result !== undefined) return result
  }
  throw new Error(`A document changed ${MAX_ATTEMPTS} times while it was to be changed`)
}
