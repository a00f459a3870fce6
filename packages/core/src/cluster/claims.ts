import { createHash } from 'node:crypto'
import type { LeaseKeeper } from '../manager/lease-keeper.js'
import type { Clock } from '../ports/clock.js'
import type { LeaseStore } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import type { ClusterNode } from '../types/node.js'
import { type Deferred, deferred } from '../util/deferred.js'
import { onAbort } from '../util/on-abort.js'
import { sleep } from '../util/sleep.js'
import type { Look } from './rebalance.js'

/** Between two looks at what is free; each node spreads its own a little. */
const LOOK_EVERY_MS = 1_000
/** Within this time it is asked of all that wait whether somebody has them, though nothing has been seen that says so. */
const ASK_ALL_WITHIN_MS = 5_000
/** When a process starts, its sessions come within this time. */
const GATHER_MS = 50
/** What a living node has given back is not taken before by others than whom it gives it to. */
const HANDED_OVER_WITHIN_MS = 700
/** What has been free for so long is taken by whoever comes, whatever its share. */
const PATIENCE_MS = 2_000

export interface ClaimsParts {
  leases: Pick<LeaseStore, 'held' | 'members'>
  /** This node's id. */
  node: string
  keeper: Pick<LeaseKeeper, 'report' | 'isSettled'>
  connectsPerSecond: number
  /** Resolves when nobody waits for a turn to connect and the next may begin; `false` when the signal was aborted before. */
  calm(signal: AbortSignal): Promise<boolean>
  clock: Clock
  logger: Logger
  /** 0 (inclusive) to 1 (exclusive). */
  random(): number
}

interface Waiting {
  granted: Deferred<boolean>
  /** By the monotonic clock. */
  freeSince?: number
  /** Which node had it at the last look, or before it was free. */
  owner?: string
}

/** What a node knows of the sharing when it decides whether to take one session more. */
export interface Share {
  /** Sessions of this node. */
  own: number
  /** Sessions that somebody is to run. */
  wanted: number
  /** Nodes that take sessions. */
  nodes: number
  capacity?: number
  draining: boolean
}

/** Whether a node takes a session that has been free for so long: while it has less than its share, or nobody else wants it. */
export function mayClaim({ own, wanted, nodes, capacity, draining }: Share, freeForMs: number): boolean {
  if (draining || own >= (capacity ?? Number.POSITIVE_INFINITY)) return false
  return own < Math.ceil(wanted / Math.max(1, nodes)) || freeForMs >= PATIENCE_MS
}

type Member = Pick<ClusterNode, 'id' | 'draining' | 'sessions'>

/**
 * Whether sessions may have become free that somebody had at the last look: a node is gone, gives its sessions away, or says that it has
 * fewer. Members are a handful of rows; leases are as many as there are sessions.
 */
export function mayHaveFreed(before: readonly Member[], now: readonly Member[]): boolean {
  const living = new Map(now.map((node) => [node.id, node]))
  const isFewer = ({ id, sessions }: Member) => (living.get(id)?.sessions ?? -1) < sessions
  return before.some(isFewer) || now.some(({ draining }) => draining)
}

/**
 * Shares sessions out among the nodes of a store without a leader: each takes one free session at a time, when a connection may begin
 * and not before, so that none has a lease that it does nothing with, and whoever is faster takes more.
 */
export class Claims {
  readonly #parts: ClaimsParts
  readonly #watchers = new Set<(look: Look) => void>()
  readonly #waiting = new Map<string, Waiting>()
  #members: readonly ClusterNode[] = []
  /** When it is asked of all that wait, by the monotonic clock. */
  #askAllAt = 0
  #looking: AbortController | undefined
  #pausing: AbortController | undefined
  #isWoken = false

  constructor(parts: ClaimsParts) {
    this.#parts = parts
  }

  /** Told what each look has seen, while there is something to look for. The answer ends it. */
  onLook(watch: (look: Look) => void): () => void {
    this.#watchers.add(watch)
    return () => this.#watchers.delete(watch)
  }

  /** Resolves with `true` when this node is to take the session, with `false` when the signal is aborted before. */
  async turn(sessionId: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const waiting: Waiting = { granted: deferred<boolean>() }
    const undo = onAbort(signal, () => waiting.granted.resolve(false))
    this.#waiting.set(sessionId, waiting)
    if (!this.#looking) void this.#lookAgainAndAgain()
    try {
      return await waiting.granted.promise
    } finally {
      undo()
      if (this.#waiting.get(sessionId) === waiting) this.#waiting.delete(sessionId)
      if (this.#waiting.size === 0) this.#looking?.abort()
    }
  }

  /** Somebody has said that sessions are free: it is looked for them now. */
  wake(): void {
    this.#isWoken = true
    this.#askAllAt = 0
    this.#pausing?.abort()
  }

  async #lookAgainAndAgain(): Promise<void> {
    const looking = new AbortController()
    this.#looking = looking
    const { signal } = looking
    let pauseMs = GATHER_MS
    while (await this.#pause(pauseMs, signal)) {
      this.#isWoken = false
      const isMore = await this.#look(signal)
      pauseMs = isMore ? 0 : LOOK_EVERY_MS * (0.75 + this.#parts.random() / 2)
    }
    this.#looking = undefined
    // Some have come while it ended.
    if (this.#waiting.size > 0) void this.#lookAgainAndAgain()
  }

  /** Ends early when it is woken; `false` when the signal is aborted. */
  async #pause(pauseMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#isWoken) return !signal.aborted
    const pausing = new AbortController()
    this.#pausing = pausing
    // Node 20 keeps something of each `AbortSignal.any` for as long as a signal of it lives, and a node looks once a second for ever.
    const leave = onAbort(signal, () => pausing.abort())
    await sleep(this.#parts.clock, pauseMs, pausing.signal)
    leave()
    return !signal.aborted
  }

  /** Takes what this node may take, one at each turn; whether there may be more by now. */
  async #look(signal: AbortSignal): Promise<boolean> {
    const { clock, keeper, calm, connectsPerSecond } = this.#parts
    const free = await this.#free()
    const lookedAt = clock.monotonic()
    const { sessions } = keeper.report
    const wanted = sessions + this.#waiting.size
    let granted = 0
    for (const { sessionId, waiting } of free.sessions) {
      const share = { ...keeper.report, own: sessions + granted, wanted, nodes: free.nodes }
      const freeForMs = clock.monotonic() - (waiting.freeSince ?? lookedAt)
      if (!keeper.isSettled || !mayClaim(share, freeForMs)) break
      if (!(await calm(signal))) return false
      // Others have taken some meanwhile.
      if (clock.monotonic() - lookedAt >= LOOK_EVERY_MS) return true
      if (this.#waiting.get(sessionId) !== waiting) continue
      waiting.granted.resolve(true)
      granted += 1
      if (!(await sleep(clock, 1_000 / connectsPerSecond, signal))) return false
    }
    // Another one may have been faster.
    return granted > 0
  }

  /** Those that wait and that nobody has, each node in an order of its own; and how many nodes share them. */
  async #free(): Promise<{ sessions: { sessionId: string; waiting: Waiting }[]; nodes: number }> {
    const { leases, node, clock, logger } = this.#parts
    try {
      const members = await leases.members()
      const asked = this.#toAsk(members)
      const held = asked.length > 0 ? await leases.held(asked.map(([sessionId]) => sessionId)) : []
      const owners = new Map(held.map(({ sessionId, owner }) => [sessionId, owner]))
      const living = new Set(members.map(({ id }) => id))
      for (const [sessionId, waiting] of asked) see(waiting, { owner: owners.get(sessionId), now: clock.monotonic() })
      const sessions = asked
        .filter(([sessionId, waiting]) => !owners.has(sessionId) && !isHandedOver(waiting, living, clock.monotonic()))
        .map(([sessionId, waiting]) => ({ sessionId, waiting, place: placeOf(node, sessionId) }))
        .sort((left, right) => left.place - right.place)
      this.#tell(members)
      return { sessions, nodes: members.filter(({ draining }) => !draining).length }
    } catch (error) {
      this.#askAllAt = 0
      logger.warn({ err: error }, 'It could not be looked which sessions are free; trying again')
      return { sessions: [], nodes: 0 }
    }
  }

  /** Those of which nobody knows here that somebody has them; now and then all. */
  #toAsk(members: readonly ClusterNode[]): [string, Waiting][] {
    const now = this.#parts.clock.monotonic()
    const asksAll = now >= this.#askAllAt || mayHaveFreed(this.#members, members)
    this.#members = members
    if (asksAll) this.#askAllAt = now + ASK_ALL_WITHIN_MS
    return [...this.#waiting].filter(
      ([, { owner, freeSince }]) => asksAll || owner === undefined || freeSince !== undefined,
    )
  }

  #tell(members: readonly ClusterNode[]): void {
    if (this.#watchers.size === 0) return
    const now = this.#parts.clock.monotonic()
    const held = new Map<string, number>()
    let freeForMs = 0
    for (const { owner, freeSince } of this.#waiting.values())
      if (freeSince !== undefined) freeForMs = Math.max(freeForMs, now - freeSince)
      else if (owner !== undefined) held.set(owner, (held.get(owner) ?? 0) + 1)
    for (const watch of this.#watchers) watch({ members, held, freeForMs })
  }
}

function see(waiting: Waiting, { owner, now }: { owner: string | undefined; now: number }): void {
  if (owner === undefined) waiting.freeSince ??= now
  else {
    waiting.owner = owner
    delete waiting.freeSince
  }
}

/** The node that had it lives, and has given it to somebody, who takes it in a moment: if not, somebody has to at the next look. */
function isHandedOver({ owner, freeSince = 0 }: Waiting, living: ReadonlySet<string>, now: number): boolean {
  return owner !== undefined && living.has(owner) && now - freeSince < HANDED_OVER_WITHIN_MS
}

/** Nodes that begin at different ends seldom want the same session. */
function placeOf(node: string, sessionId: string): number {
  return createHash('sha1').update(`${node} ${sessionId}`).digest().readUInt32BE()
}
