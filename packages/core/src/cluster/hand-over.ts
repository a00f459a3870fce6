import { TrunklineError } from '../errors/trunkline-error.js'
import type { LeaseKeeper } from '../manager/lease-keeper.js'
import type { LiveSessions } from '../manager/live-sessions.js'
import type { NodeDesk } from '../manager/other-nodes.js'
import type { Clock } from '../ports/clock.js'
import type { ClusterBus } from '../ports/cluster-bus.js'
import type { LeaseStore } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import type { LiveSession } from '../session/live-session.js'
import type { ClusterNode } from '../types/node.js'
import { assertNever } from '../util/assert-never.js'
import { sleep } from '../util/sleep.js'
import { decodeReply, encodeMessage, errorFrom, type NodeQuestion, topicOfNode } from './message.js'

/** How long a node keeps its word that it takes a session. */
const PROMISE_MS = 10_000
/** How long another node may take to answer; for a move as a whole longer than for its steps. */
const PATIENCE_MS = 10_000
const MOVE_PATIENCE_MS = 30_000
/** A node that is busy with one session is asked again for the next. */
const ASK_AGAIN_MS = 100
const TRIES = 100
/** Sessions that come at once and have not connected yet; one at a time to a node that is kept busy by them. */
const MOST_ARRIVALS = 20
/** The part of the time in which the event loop of a node that is kept busy does something. */
const BUSY = 0.8
/** Between the beginnings of two hand-overs. */
const PAUSE_MS = 50

export interface HandOverParts {
  bus: ClusterBus
  /** This node's id. */
  node: string
  leases: Pick<LeaseStore, 'members'>
  keeper: Pick<LeaseKeeper, 'report' | 'drain'>
  live(): LiveSessions
  /** Has a session run here, if it is wanted running and no other node has it. Resolves when it is known whether it does. */
  accept(sessionId: string): Promise<void>
  /** Gives one session to a node that has fewer; whether it has. */
  spare(question: { to: string; above: number }): Promise<boolean>
  /** Tells all that sessions are free. */
  tellFree(): void
  /** The part of the time since it was asked last in which the event loop did something, 0 to 1. */
  utilization(): number
  clock: Clock
  logger: Logger
}

/**
 * Sessions that go from one node to the next, from hand to hand: the next one is asked first whether it takes one, and told when the
 * session is free. A session that is told to nobody any more is found by those that look for free ones.
 */
export class HandOver {
  readonly #parts: HandOverParts
  readonly #closed = new AbortController()
  #promised: { sessionId: string; until: number } | undefined
  #draining: Promise<void> | undefined

  constructor(parts: HandOverParts) {
    this.#parts = parts
  }

  /** What another node asks of this one. */
  async answer(question: NodeQuestion): Promise<unknown> {
    switch (question.about) {
      case 'take':
        return this.#promise(question.sessionId)
      case 'taken':
        return this.#take(question.sessionId)
      case 'move':
        return this.move(question.sessionId, question.to)
      case 'drain':
        await this.#parts.keeper.drain()
        return void this.drain()
      case 'spare':
        return this.#parts.spare(question)
      default:
        return assertNever(question)
    }
  }

  /** Has another node do it. @throws CLUSTER_UNREACHABLE, also when nobody can tell whether it was done; what it throws there */
  async ask(node: string, question: NodeQuestion): Promise<unknown> {
    const timeoutMs = question.about === 'move' || question.about === 'spare' ? MOVE_PATIENCE_MS : PATIENCE_MS
    const answer = await this.#parts.bus.ask(topicOfNode(node), encodeMessage(question), { timeoutMs })
    const reply = answer.kind === 'answer' ? decodeReply(answer.data) : undefined
    if (reply?.kind === 'done') return reply.result
    if (reply?.kind === 'failed') throw errorFrom(reply.error)
    const sessionId = 'sessionId' in question ? { sessionId: question.sessionId } : {}
    throw new TrunklineError('CLUSTER_UNREACHABLE', { details: { ...sessionId, owner: node } })
  }

  /** Moves a session that runs here. @throws NODE_UNAVAILABLE, also when it does not run here any more · CLUSTER_UNREACHABLE */
  async move(sessionId: string, to: string): Promise<void> {
    const live = this.#parts.live().find(sessionId)
    for (let tries = 1; live; tries += 1) {
      if (await this.#give(live, to)) return
      if (tries >= TRIES || !(await sleep(this.#parts.clock, ASK_AGAIN_MS, this.#closed.signal)))
        throw new TrunklineError('NODE_UNAVAILABLE', { details: { node: to } })
    }
    throw movedMeanwhile(to)
  }

  /**
   * Gives every session away, one at a time to each other node, the one that runs the fewest first; those that wait for a person last.
   * Without another node they are given back, for whoever comes.
   */
  drain(): Promise<void> {
    this.#draining ??= this.#drain().catch((error: unknown) => {
      this.#draining = undefined
      this.#parts.logger.warn({ err: error }, 'The sessions of this node could not all be handed over')
    })
    return this.#draining
  }

  /** What has not been handed over stays where it is. */
  close(): void {
    this.#closed.abort()
  }

  async #drain(): Promise<void> {
    const { keeper, live, clock } = this.#parts
    const { signal } = this.#closed
    await keeper.drain()
    const waiting = live()
      .all.filter(({ isActive }) => isActive)
      .sort((left, right) => Number(waitsForPerson(left)) - Number(waitsForPerson(right)))
    const others = await this.#others()
    const busy = new Map<string, Promise<void>>()
    while (waiting.length > 0 && others.length > 0 && !signal.aborted) {
      const [target] = others.filter(({ id }) => !busy.has(id)).sort((left, right) => left.sessions - right.sessions)
      const next = target && waiting.shift()
      if (!next) {
        await Promise.race(busy.values())
        continue
      }
      const giving = this.#giveNext(next, target).then((isGiven) => {
        busy.delete(target.id)
        if (isGiven) return
        waiting.unshift(next)
        others.splice(others.indexOf(target), 1)
      })
      busy.set(target.id, giving)
      await sleep(clock, PAUSE_MS, signal)
    }
    await Promise.all(busy.values())
    if (signal.aborted || waiting.length === 0) return
    await Promise.all(waiting.map((each) => each.handOver()))
    this.#parts.tellFree()
  }

  /** Whether the node took it, or nobody needs to any more. */
  async #giveNext(live: LiveSession, target: ClusterNode): Promise<boolean> {
    target.sessions += 1
    const isGiven = await this.move(live.id, target.id).then(
      () => true,
      (error: unknown) => {
        this.#parts.logger.warn({ err: error, sessionId: live.id, node: target.id }, 'A session was not taken')
        return !live.isActive
      },
    )
    return isGiven
  }

  async #others(): Promise<ClusterNode[]> {
    const members = await this.#parts.leases.members()
    return members.filter(({ id, draining }) => id !== this.#parts.node && !draining)
  }

  /** `false` when the node does not take it now. */
  async #give(live: LiveSession, to: string): Promise<boolean> {
    const { logger } = this.#parts
    const { id: sessionId } = live
    if ((await this.ask(to, { about: 'take', sessionId })) !== true) return false
    const tell = async () =>
      void (await this.ask(to, { about: 'taken', sessionId }).catch((error: unknown) =>
        logger.warn(
          { err: error, sessionId, node: to },
          'The next node could not be told; whoever looks takes the session',
        ),
      ))
    if (!(await live.handOver(tell))) throw movedMeanwhile(to)
    // From now on as one that looks.
    if (!this.#closed.signal.aborted) await live.resume()
    return true
  }

  #promise(sessionId: string): boolean {
    const { keeper, clock } = this.#parts
    const { sessions, capacity = Number.POSITIVE_INFINITY, draining } = keeper.report
    const isPromised = this.#promised !== undefined && this.#promised.until > clock.monotonic()
    if (draining || isPromised || this.#isFull() || sessions >= capacity || this.#closed.signal.aborted) return false
    this.#promised = { sessionId, until: clock.monotonic() + PROMISE_MS }
    return true
  }

  /** What connects at once shares the processor: with many at once each is away for as long as all of them take. */
  #isFull(): boolean {
    const { live, utilization } = this.#parts
    const arriving = live().all.filter(({ isArriving }) => isArriving).length
    const isBusy = utilization() >= BUSY
    return arriving >= (isBusy ? 1 : MOST_ARRIVALS)
  }

  async #take(sessionId: string): Promise<void> {
    try {
      await this.#parts.accept(sessionId)
    } finally {
      if (this.#promised?.sessionId === sessionId) this.#promised = undefined
    }
  }
}

function movedMeanwhile(node: string): TrunklineError {
  const message = 'The session has moved, or stopped, meanwhile'
  return new TrunklineError('NODE_UNAVAILABLE', { message, details: { node } })
}

function waitsForPerson({ status }: LiveSession): boolean {
  return status === 'awaiting_scan' || status === 'awaiting_code' || status === 'passkey_required'
}

/** Carries out here what is about this node, and has others do the rest. */
export function nodeDesk(handOver: HandOver, self: string): NodeDesk {
  const tell = (node: string, question: NodeQuestion) =>
    node === self ? handOver.answer(question) : handOver.ask(node, question)
  return {
    drain: async (node) => void (await tell(node, { about: 'drain' })),
    move: async (sessionId, { from, to }) => void (await tell(from, { about: 'move', sessionId, to })),
  }
}
