import type { LeaseKeeper } from '../manager/lease-keeper.js'
import type { LiveSessions } from '../manager/live-sessions.js'
import type { RebalanceTimings } from '../manager/options.js'
import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { ClusterNode } from '../types/node.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import type { NodeQuestion } from './message.js'
import { movesFor, nextToMove } from './shares.js'

/** Nobody has looked for so long: what was calm before says nothing. */
const LOOKS_END_AFTER_MS = 10_000
/** What is free for longer is not on its way from one node to the next. */
const ON_ITS_WAY_MS = 2_000

/** What a node that looks for free sessions has seen. */
export interface Look {
  members: readonly ClusterNode[]
  /** How many sessions each of the others holds, by its id, as it was seen within the last seconds. */
  held: ReadonlyMap<string, number>
  /** How long the session that is free for the longest time is free; 0 when none is. */
  freeForMs: number
}

export interface RebalanceParts {
  /** This node's id. */
  node: string
  keeper: Pick<LeaseKeeper, 'report' | 'isSettled'>
  live(): LiveSessions
  /** `undefined`: this node neither asks for sessions nor gives any. */
  timings: RebalanceTimings | undefined
  /** @throws CLUSTER_UNREACHABLE and what it throws there */
  ask(node: string, question: NodeQuestion): Promise<unknown>
  /** @throws NODE_UNAVAILABLE · CLUSTER_UNREACHABLE */
  move(sessionId: string, to: string): Promise<void>
  clock: Clock
  logger: Logger
}

/**
 * Evens out the shares when all is calm, without a leader: a node that has clearly less than its own asks the one that has the most for
 * one session, and for the next when it has got that. It knows both from its looks for free sessions, so that nothing is asked for it.
 */
export class Rebalance {
  readonly #parts: RebalanceParts
  readonly #giving = new KeyedMutex()
  #members = ''
  #calmSince = Number.POSITIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY
  #isAsking = false

  constructor(parts: RebalanceParts) {
    this.#parts = parts
  }

  /** Called after each look. */
  seen(look: Look): void {
    const { node, keeper, timings, clock } = this.#parts
    const now = clock.monotonic()
    if (!timings) return
    if (!this.#isCalm(look, now)) this.#calmSince = now
    this.#lookedAt = now
    const held = new Map([...look.held, [node, keeper.report.sessions]])
    const shares = { members: look.members, held, calmSince: this.#calmSince }
    const own = movesFor(shares, now, timings).find(({ to }) => to === node)
    if (own && !this.#isAsking) void this.#askFor(own)
  }

  /** A node that has less asks for one session; whether it has got one. */
  give({ to, above }: { to: string; above: number }): Promise<boolean> {
    return this.#giving.run('', () => this.#give(to, above))
  }

  #isCalm({ members, held, freeForMs }: Look, now: number): boolean {
    const { keeper } = this.#parts
    const before = this.#members
    this.#members = JSON.stringify(members.map(({ id, draining }) => [id, draining]))
    const isDrained = members.every(({ id, draining }) => !draining || !held.get(id))
    const isSame = this.#members === before && now - this.#lookedAt < LOOKS_END_AFTER_MS
    return isSame && isDrained && keeper.isSettled && !keeper.report.draining && freeForMs < ON_ITS_WAY_MS
  }

  async #askFor({ from, above }: { from: string; above: number }): Promise<void> {
    const { ask, node, clock, logger } = this.#parts
    this.#isAsking = true
    try {
      const isGiven = await ask(from, { about: 'spare', to: node, above })
      // It has none that may go now: that will last a while.
      if (isGiven !== true) this.#calmSince = clock.monotonic()
    } catch (error) {
      this.#calmSince = clock.monotonic()
      logger.warn({ err: error, node: from }, 'A node that has more sessions could not be asked for one')
    } finally {
      this.#isAsking = false
    }
  }

  async #give(to: string, above: number): Promise<boolean> {
    const { live, keeper, timings, move, clock, logger } = this.#parts
    const { sessions, draining } = keeper.report
    if (!timings || draining || !keeper.isSettled || sessions <= above) return false
    const candidates = live()
      .all.filter(({ isActive }) => isActive)
      .map(({ id, status, isBusy, lastActivityAt, state: { record } }) => ({
        id,
        status,
        isBusy,
        isLinked: record.account !== undefined,
        ...(record.lastConnectedAt ? { lastConnectedAt: record.lastConnectedAt } : {}),
        ...(lastActivityAt ? { lastActivityAt } : {}),
      }))
    const sessionId = nextToMove(candidates, clock.now(), timings)
    if (sessionId === undefined) return false
    await move(sessionId, to)
    logger.info({ sessionId, node: to, left: sessions - 1 }, 'A session was moved to a node that has fewer of them')
    return true
  }
}
