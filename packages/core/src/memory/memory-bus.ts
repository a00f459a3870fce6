import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { AskOptions, BusAnswer, ClusterBus } from '../ports/cluster-bus.js'
import { onAbort } from '../util/on-abort.js'
import { systemClock } from '../util/system-clock.js'

type Answerer = (data: Uint8Array) => Promise<Uint8Array>
type Hearer = (data: Uint8Array, topic: string) => void

const MAX_BYTES = 1024 * 1024

/** What several managers of one process talk over. */
export interface MemoryNetwork {
  /** The way in of one more node. */
  bus(): MemoryBus
}

/** A bus that a test can cut. */
export interface MemoryBus extends ClusterBus {
  /** Cuts this node off from the others, or joins it again. */
  reach(isReachable: boolean): void
}

/**
 * Brings several managers of one process together, for tests and for trying things out:
 *
 * ```ts
 * const network = createMemoryNetwork()
 * const one = new MultiSessionManager({ store, cluster: { bus: network.bus() } })
 * const other = new MultiSessionManager({ store, cluster: { bus: network.bus() } })
 * ```
 */
export function createMemoryNetwork({ clock = systemClock }: { clock?: Clock } = {}): MemoryNetwork {
  const nodes = new Set<Node>()
  return {
    bus() {
      const node = new Node(nodes, clock)
      nodes.add(node)
      return node
    },
  }
}

class Node implements MemoryBus {
  readonly maxBytes = MAX_BYTES
  readonly answerers = new Map<string, Answerer>()
  readonly hearers = new Set<{ topic: string; hear: Hearer }>()
  readonly #nodes: Set<Node>
  readonly #clock: Clock
  readonly #watchers = new Set<(isReachable: boolean) => void>()
  #isReachable = true

  constructor(nodes: Set<Node>, clock: Clock) {
    this.#nodes = nodes
    this.#clock = clock
  }

  get isReachable(): boolean {
    return this.#isReachable && this.#nodes.has(this)
  }

  reach(isReachable: boolean): void {
    if (this.#isReachable === isReachable) return
    this.#isReachable = isReachable
    for (const watch of this.#watchers) watch(isReachable)
  }

  onReachable(listener: (isReachable: boolean) => void): () => void {
    this.#watchers.add(listener)
    return () => this.#watchers.delete(listener)
  }

  ask(topic: string, data: Uint8Array, { timeoutMs, signal }: AskOptions): Promise<BusAnswer> {
    if (signal?.aborted) return Promise.reject(new TrunklineError('OPERATION_ABORTED', { cause: signal.reason }))
    if (!this.isReachable) return Promise.resolve({ kind: 'unreachable' })
    if (data.byteLength > this.maxBytes) return Promise.resolve({ kind: 'too-large' })
    const answer = [...this.#others()].flatMap(({ answerers }) => answerers.get(topic) ?? [])[0]
    if (!answer) return Promise.resolve({ kind: 'nobody' })
    return new Promise((resolve, reject) => {
      const settle = (what: BusAnswer) => {
        leave?.()
        cancel()
        resolve(what)
      }
      const cancel = this.#clock.setTimeout(() => settle({ kind: 'timeout' }), timeoutMs)
      const leave =
        signal &&
        onAbort(signal, () => {
          cancel()
          reject(new TrunklineError('OPERATION_ABORTED', { cause: signal.reason }))
        })
      // What the handler rejects with is answered by nobody.
      answer(Uint8Array.from(data)).then(
        (given) => this.isReachable && settle({ kind: 'answer', data: Uint8Array.from(given) }),
        () => {},
      )
    })
  }

  async answer(topic: string, handler: Answerer): Promise<() => Promise<void>> {
    const begun = new Set<Promise<unknown>>()
    const answering: Answerer = (data) => {
      const answered = handler(data).finally(() => begun.delete(answered))
      begun.add(answered)
      return answered
    }
    this.answerers.set(topic, answering)
    return async () => {
      if (this.answerers.get(topic) === answering) this.answerers.delete(topic)
      await Promise.allSettled(begun)
    }
  }

  tell(topic: string, data: Uint8Array): void {
    if (!this.isReachable || data.byteLength > this.maxBytes) return
    for (const { hearers } of this.#others()) {
      for (const hearer of hearers) {
        const told = Uint8Array.from(data)
        if (fits(hearer.topic, topic)) queueMicrotask(() => hearers.has(hearer) && hearer.hear(told, topic))
      }
    }
  }

  async listen(topic: string, hear: Hearer): Promise<() => void> {
    const hearer = { topic, hear }
    this.hearers.add(hearer)
    return () => this.hearers.delete(hearer)
  }

  async close(): Promise<void> {
    this.#nodes.delete(this)
    this.answerers.clear()
    this.hearers.clear()
    this.#watchers.clear()
  }

  *#others(): Generator<Node> {
    for (const node of this.#nodes) if (node !== this && node.isReachable) yield node
  }
}

function fits(pattern: string, topic: string): boolean {
  return pattern.endsWith('.*') ? topic.startsWith(pattern.slice(0, -1)) : pattern === topic
}
