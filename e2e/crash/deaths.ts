import type { Death } from './bot/deadly-store.js'

/** Calls that change nothing: dying after one is like dying before the next. */
const READS = /\.(read|list|get|find|page|count|resolve|phonesOf|lastSeq)/

/** Every death there is in a life with these calls, or every `stride`-th of them. */
export function deathsIn(calls: readonly string[], { stride }: { stride: number }): Death[] {
  const all = calls.flatMap((name, index): Death[] => {
    const call = index + 1
    const before: Death = { call, moment: 'before' }
    return READS.test(name) ? [before] : [before, { call, moment: 'after' }]
  })
  return all.filter((_, index) => index % stride === 0)
}
