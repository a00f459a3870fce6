import type { RebalanceTimings } from '../manager/options.js'
import type { ClusterNode } from '../types/node.js'
import type { SessionStatus } from '../types/session.js'

/** A node has clearly less than its share when it lacks this part of it, and one session at the least. */
const LACKING = 0.1

/** What a node sees of all that share a store. */
export interface Shares {
  members: readonly Pick<ClusterNode, 'id' | 'capacity' | 'draining'>[]
  /** How many sessions each of them holds, by its id. */
  held: ReadonlyMap<string, number>
  /** Since when no node came or went, and nothing was free for long, in milliseconds of the clock of `now`. */
  calmSince: number
}

/** One session of `from` is to run on `to`: any of those of which it has more than `above`. */
export interface Move {
  from: string
  to: string
  above: number
}

/**
 * What would even out the shares, as one session for each node that has clearly less than its own, from the one that has the most. Nothing
 * while it was not calm for long enough: while nodes come and go everything moves anyway.
 */
export function movesFor(
  { members, held, calmSince }: Shares,
  now: number,
  { calmMs }: Pick<RebalanceTimings, 'calmMs'>,
): Move[] {
  if (now - calmSince < calmMs) return []
  const count = ({ id }: { id: string }) => held.get(id) ?? 0
  const taking = members.filter(({ draining }) => !draining)
  const above = taking.reduce((sum, node) => sum + count(node), 0) / Math.max(1, taking.length)
  const [richest] = taking.toSorted((one, other) => count(other) - count(one) || (one.id < other.id ? -1 : 1))
  if (!richest || count(richest) <= above) return []
  return taking
    .filter((node) => count(node) + Math.max(1, above * LACKING) <= above)
    .filter((node) => node.capacity === undefined || count(node) < node.capacity)
    .map(({ id: to }) => ({ from: richest.id, to, above }))
}

/** What matters of a session when one of them is to go. */
export interface Candidate {
  id: string
  status: SessionStatus
  isLinked: boolean
  /** Whether it does something for somebody at this moment. */
  isBusy: boolean
  /** Of the connection that is open (ISO 8601). */
  lastConnectedAt?: string
  /** Of its last message (ISO 8601). */
  lastActivityAt?: string
}

/**
 * Which of the sessions of a node is moved: the one that was idle for the longest time, of those that are connected and have been here for
 * a while. One that links, or catches up after it was linked, or has just come, stays.
 */
export function nextToMove(
  candidates: readonly Candidate[],
  now: number,
  { restMs }: Pick<RebalanceTimings, 'restMs'>,
): string | undefined {
  const settled = candidates.filter(
    ({ status, isLinked, isBusy, lastConnectedAt }) =>
      status === 'connected' &&
      isLinked &&
      !isBusy &&
      lastConnectedAt !== undefined &&
      now - Date.parse(lastConnectedAt) >= restMs,
  )
  const [idlest] = settled.toSorted((one, other) => lastActive(one) - lastActive(other))
  return idlest?.id
}

function lastActive({ lastActivityAt }: Candidate): number {
  return lastActivityAt === undefined ? 0 : Date.parse(lastActivityAt)
}
