import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** CPU time of this process so far, all of its threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export interface Memory {
  rssBytes: number
  /** Live JavaScript objects and the buffers behind them. */
  liveBytes: number
}

/** Memory after a full collection. */
export async function memory(): Promise<Memory> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.()
    await nextTurn()
  }
  // The heap gives its pages back a little later.
  await sleep(500)
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rssBytes: rss, liveBytes: heapUsed + external }
}
