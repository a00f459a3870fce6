import type { EventName, EventOf, MultiSessionManager } from '@trunkline/core'
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObject,
  Registry,
} from 'prom-client'
import type { ObserveCall } from './measured-store.js'

/** What the gauges look at when they are asked. */
export interface MetricsSources {
  manager: Pick<MultiSessionManager, 'statusCounts' | 'onAny' | 'queuedCount' | 'nodes'> & {
    webhooks: Pick<MultiSessionManager['webhooks'], 'onAttempt' | 'stateCounts' | 'waitingCount'>
  }
  /** Open sockets of live events. */
  sockets(): number
  /** Whether the bus to other nodes is up, where there is one. */
  reachesOthers?(): boolean
}

/** The figures of one process, as they go to another. */
export type Figures = MetricObject[]

/**
 * The figures of this process for Prometheus, together with those of the processes that share its port. Gauges look at what is in memory when they are asked, counters count events: an idle
 * session costs nothing. No label names a session, a person or a number.
 */
export class Metrics {
  readonly #registry = new Registry()
  #others: () => Promise<Figures[]> = async () => []
  readonly #messages = this.#counter('messages_total', 'Messages that came in, went out, or failed to.', ['direction'])
  readonly #reconnects = this.#counter('reconnects_total', 'Connections that ended and are made anew, by reason.', [
    'code',
  ])
  readonly #closes = this.#counter('session_ends_total', 'Sessions that stopped to try, by status and reason.', [
    'status',
    'code',
  ])
  readonly #limits = this.#counter('session_limits_total', "Limits of WhatsApp's own that accounts ran into.", ['code'])
  readonly #storeFailures = this.#counter('store_failures_total', 'Calls of the store that failed.', ['operation'])
  readonly #storeSeconds = new Histogram({
    name: 'trunkline_store_seconds',
    help: 'How long calls of the store took.',
    labelNames: ['operation'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.#registry],
  })
  readonly #httpSeconds = new Histogram({
    name: 'trunkline_http_request_seconds',
    help: 'How long requests took, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.#registry],
  })

  readonly #webhookSeconds = new Histogram({
    name: 'trunkline_webhook_request_seconds',
    help: 'How long requests to webhooks took, by what came of them.',
    labelNames: ['outcome'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15],
    registers: [this.#registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  /** Begins to count; the answer ends it. */
  observe({ manager, sockets, reachesOthers }: MetricsSources): () => void {
    this.#gauge('sessions', 'Sessions that this process knows, by status.', ['status'], (gauge) => {
      for (const [status, count] of Object.entries(manager.statusCounts)) gauge.set({ status }, count)
    })
    this.#gauge('sockets', 'Open sockets of live events.', [], (gauge) => gauge.set(sockets()))
    if (reachesOthers)
      this.#gauge(
        'cluster_reachable',
        'Whether other nodes can be reached: 1, or 0.',
        [],
        (gauge) => gauge.set(reachesOthers() ? 1 : 0),
        'min',
      )
    if (reachesOthers)
      this.#gauge(
        'node_sessions',
        'Sessions that each node of the store runs.',
        ['node'],
        async (gauge) => {
          const nodes = await manager.nodes.list()
          // Of nodes that are gone nothing is told any more.
          gauge.reset()
          for (const { name, sessions } of nodes) gauge.inc({ node: name }, sessions)
        },
        OF_THE_STORE,
      )
    this.#gauge(
      'webhooks',
      'Webhooks, by how they do.',
      ['state'],
      async (gauge) => {
        for (const [state, count] of Object.entries(await manager.webhooks.stateCounts())) gauge.set({ state }, count)
      },
      OF_THE_STORE,
    )
    this.#gauge(
      'jobs_waiting',
      'Work in the store that waits to be done, by kind.',
      ['kind'],
      async (gauge) => gauge.set({ kind: 'webhook' }, await manager.webhooks.waitingCount()),
      OF_THE_STORE,
    )
    this.#gauge('queued_messages', 'Messages that wait to be sent, of the sessions that run here.', [], async (gauge) =>
      gauge.set(await manager.queuedCount()),
    )
    const stops = [
      manager.onAny((name, event) => this.#count(name, event)),
      manager.webhooks.onAttempt(({ delivered, attempt }) =>
        this.#webhookSeconds.observe({ outcome: delivered ? 'delivered' : 'failed' }, attempt.durationMs / 1_000),
      ),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  readonly observeStore: ObserveCall = ({ operation, seconds, failed }) => {
    this.#storeSeconds.observe({ operation }, seconds)
    if (failed) this.#storeFailures.inc({ operation })
  }

  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void {
    const { seconds, ...labels } = request
    this.#httpSeconds.observe({ ...labels, status: String(labels.status) }, seconds)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** In the text format of Prometheus. */
  async text(): Promise<string> {
    const others = await this.#others()
    if (others.length === 0) return this.#registry.metrics()
    return AggregatorRegistry.aggregate([await this.figures(), ...others]).metrics()
  }

  /** Of this process alone. */
  figures(): Promise<Figures> {
    return this.#registry.getMetricsAsJSON()
  }

  /** Whoever asks gets this process or another one that shares its port: each has to answer for all. */
  joinWith(others: () => Promise<Figures[]>): void {
    this.#others = others
  }

  #count(name: EventName, event: EventOf<EventName>): void {
    if (name === 'message') this.#messages.inc({ direction: 'in' })
    else if (name === 'message-sent') {
      const { message } = event as EventOf<'message-sent'>
      this.#messages.inc({ direction: message.status === 'failed' ? 'failed' : 'out' })
    } else if (name === 'session.limited') {
      const { restriction, active } = event as EventOf<'session.limited'>
      if (active) this.#limits.inc({ code: restriction.code })
    } else if (name === 'session.status') {
      const { status, reason } = event as EventOf<'session.status'>
      const code = reason?.code ?? 'none'
      if (status === 'reconnecting') this.#reconnects.inc({ code })
      else if (ENDS.includes(status)) this.#closes.inc({ status, code })
    }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `trunkline_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    collect: (gauge: Gauge<Label>) => unknown,
    aggregator: 'sum' | 'min' | 'max' = 'sum',
  ): void {
    new Gauge({
      name: `trunkline_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      aggregator,
      async collect() {
        try {
          await collect(this)
        } catch {
          // The store does not answer: of this figure nothing is known, and the others are shown.
          this.reset()
        }
      },
    })
  }
}

/** Every process looks at the same: a sum would count it as often as there are processes. */
const OF_THE_STORE = 'max'
const ENDS: readonly string[] = ['failed', 'banned', 'logged_out']
