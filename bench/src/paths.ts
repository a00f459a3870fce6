import { median } from './end-to-end/statistics.js'
import { type ScriptedAccount, scriptedAccount } from './scripted-account.js'

/** CPU µs, and calls of the store, of one message. */
export interface Cost {
  cpuMicros: number
  calls: number
}

/** What one message costs of `count` that `work` deals with. */
export async function costOf(
  account: Pick<ScriptedAccount, 'calls'>,
  count: number,
  work: () => Promise<void>,
): Promise<Cost> {
  const calls = account.calls()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpuMicros: (user + system) / count, calls: (account.calls() - calls) / count }
}

export interface Path {
  name: string
  run(account: ScriptedAccount, count: number): Promise<void>
}

export interface Compared {
  without: Cost
  idle: Cost
  /** CPU with all of it there, by CPU with nothing of it: the mean of the rounds. */
  ratio: number
  /** Two standard errors of it: in 19 of 20 runs what it really is lies as near. */
  unsure: number
}

/** So many messages of one account, then as many of the other: what the process does at its own time falls on both alike. */
export const BLOCK = 100

/**
 * What a path costs in a manager of which nothing of queues and webhooks is there, and in one that has all of it with nothing in use: two
 * new accounts for each round that take turns by blocks, the order alternating.
 */
export async function compareIdle(path: Path, { rounds, count }: { rounds: number; count: number }): Promise<Compared> {
  const without: Cost[] = []
  const idle: Cost[] = []
  const blocks = Math.max(1, Math.round(count / BLOCK))
  for (let round = -1; round < rounds; round += 1) {
    const pair = [await scriptedAccount('nothing of queues and webhooks'), await scriptedAccount('all')] as const
    const spent: [Cost[], Cost[]] = [[], []]
    for (const account of pair) await path.run(account, Math.ceil(count / 10))
    globalThis.gc?.()
    for (let block = 0; block < blocks; block += 1)
      // The order is that of 0 1 1 0: neither is always the one that comes after the other.
      for (const at of (block + round) % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
        spent[at].push(await costOf(pair[at], BLOCK, () => path.run(pair[at], BLOCK)))
    for (const account of pair) await account.close()
    // The first warms up.
    if (round === -1) continue
    without.push(meanCost(spent[0]))
    idle.push(meanCost(spent[1]))
  }
  const ratios = idle.map(({ cpuMicros }, n) => cpuMicros / (without[n]?.cpuMicros ?? cpuMicros))
  return { without: meanCost(without), idle: meanCost(idle), ratio: meanOf(ratios), unsure: 2 * standardError(ratios) }
}

export const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

export function standardError(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) / Math.max(1, values.length - 1))
}

function meanCost(costs: readonly Cost[]): Cost {
  return { cpuMicros: meanOf(costs.map((cost) => cost.cpuMicros)), calls: meanOf(costs.map((cost) => cost.calls)) }
}

export function medianCost(costs: readonly Cost[]): Cost {
  return { cpuMicros: median(costs.map((cost) => cost.cpuMicros)), calls: median(costs.map((cost) => cost.calls)) }
}

/** What is demanded of a path on which nothing is in use. */
export const IDLE_LIMIT = 1.02

export function idleRow(name: string, { without, idle, ratio, unsure }: Compared): string {
  const cells = [
    without.cpuMicros.toFixed(0),
    idle.cpuMicros.toFixed(0),
    `${ratio.toFixed(3)} ± ${unsure.toFixed(3)}`,
    `${IDLE_LIMIT}`,
  ]
  return `| ${[name, ...cells, `${without.calls.toFixed(2)} → ${idle.calls.toFixed(2)}`].join(' | ')} |`
}

export const IDLE_HEAD = `| CPU µs a message | nothing of it there | all of it there, unused | ratio | at most | calls of the store |
|---|--:|--:|--:|--:|--:|`
