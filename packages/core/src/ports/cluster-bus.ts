/**
 * What the nodes of one store say to each other: questions to one node, and news to all. It is a messenger and no memory: what
 * cannot be delivered at the moment is lost, the store and its leases say what is true. Messages of one node to another arrive in
 * the order they were sent, or not at all; between those of different nodes there is no order.
 */
export interface ClusterBus {
  /** Whether other nodes can be reached now, as far as it is known. */
  readonly isReachable: boolean
  /** The most bytes that one message may have. */
  readonly maxBytes: number

  /** Told each change of `isReachable`. The answer takes the listener off. */
  onReachable(listener: (isReachable: boolean) => void): () => void

  /**
   * Asks whoever answers on this topic, and never again by itself: after `timeout` it may have been done all the same. `nobody`:
   * nobody answers there, nothing was delivered. `unreachable`, at once: the bus is down. `too-large`: more than `maxBytes`.
   *
   * @throws OPERATION_ABORTED by the signal; it may be done all the same then
   */
  ask(topic: BusTopic, data: Uint8Array, options: AskOptions): Promise<BusAnswer>

  /**
   * Answers what others ask on this topic, for as long as the bus is reachable. What the handler rejects with must not be told to
   * others: they run into their timeout. The answer ends it, and resolves when what was begun is answered.
   */
  answer(topic: BusTopic, handler: (data: Uint8Array) => Promise<Uint8Array>): Promise<() => Promise<void>>

  /** Tells all other nodes that listen. Lost without a trace while the bus is unreachable, or when it is too large. */
  tell(topic: BusTopic, data: Uint8Array): void

  /** Listens to a topic, or to all that begin alike: `event.*`. The answer ends it. */
  listen(topic: BusTopic | `${string}.*`, handler: (data: Uint8Array, topic: string) => void): Promise<() => void>

  /** Nothing is heard, asked or told any more. Safe to call twice. */
  close(): Promise<void>
}

/** The parts are of `A-Z`, `a-z`, `0-9`, `_` and `-`. */
export type BusTopic = `${string}.${string}`

/** How long a question waits. */
export interface AskOptions {
  timeoutMs: number
  signal?: AbortSignal
}

/** What became of a question. */
export type BusAnswer =
  | { kind: 'answer'; data: Uint8Array }
  | { kind: 'nobody' }
  | { kind: 'timeout' }
  | { kind: 'unreachable' }
  | { kind: 'too-large' }
