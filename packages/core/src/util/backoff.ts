/**
 * How long to wait before try number `attempt` (from 1): "full jitter", a random time between zero and a bound that doubles
 * with each try, so that many clients that lost the same server do not come back together.
 */
export function fullJitter(attempt: number, options: { baseMs: number; maxMs: number; random: () => number }): number {
  const bound = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt - 1, 30))
  return Math.round(bound * options.random())
}
