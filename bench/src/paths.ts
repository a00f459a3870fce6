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
  globalThis.gc?.()
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
  /** The median of the ratios of neighbouring rounds. */
  ratio: number
}

/**
 * What a path costs in a manager of which nothing of queues and webhooks is there, and in one that has all of it with nothing in use:
 * a new account for each round, in turn, the order alternating.
 */
export async function compareIdle(path: Path, { rounds, count }: { rounds: number; count: number }): Promise<Compared> {
  const without: Cost[] = []
  const idle: Cost[] = []
  const one = async (costs: Cost[], given: Parameters<typeof scriptedAccount>[0]) => {
    const account = await scriptedAccount(given)
    await path.run(account, Math.ceil(count / 10))
    costs.push(await costOf(account, count, () => path.run(account, count)))
    await account.close()
  }
  for (let n = -1; n < rounds; n += 1) {
    const turns = [() => one(without, 'nothing of queues and webhooks'), () => one(idle, 'all')]
    for (const turn of n % 2 === 0 ? turns : turns.reverse()) await turn()
    // The first warms up.
    if (n === -1) without.length = idle.length = 0
  }
  const ratios = idle.map(({ cpuMicros }, n) => cpuMicros / (without[n]?.cpuMicros ?? cpuMicros))
  return { without: medianCost(without), idle: medianCost(idle), ratio: median(ratios) }
}

export function medianCost(costs: readonly Cost[]): Cost {
  return { cpuMicros: median(costs.map((cost) => cost.cpuMicros)), calls: median(costs.map((cost) => cost.calls)) }
}

/** What is demanded of a path on which nothing is in use. */
export const IDLE_LIMIT = 1.02

export function idleRow(name: string, { without, idle, ratio }: Compared): string {
  const cells = [without.cpuMicros.toFixed(0), idle.cpuMicros.toFixed(0), ratio.toFixed(3), `${IDLE_LIMIT}`]
  return `| ${[name, ...cells, `${without.calls.toFixed(2)} → ${idle.calls.toFixed(2)}`].join(' | ')} |`
}

export const IDLE_HEAD = `| CPU µs a message | nothing of it there | all of it there, unused | ratio | at most | calls of the store |
|---|--:|--:|--:|--:|--:|`
