import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { ipcChannel } from './ipc-channel.js'
import { IpcHub } from './ipc-hub.js'
import type { LifeMessage } from './ipc-messages.js'
import { afterEnd, NO_PAST, type WorkerPast } from './restart-policy.js'

export interface WorkersOptions {
  count: number
  /** What the names of their nodes begin with. */
  name: string
  /** How long they may take to end once they are told; what is left then is ended. */
  endMs: number
  logger: Logger
}

/** One place among them: who has it changes when a worker dies. */
interface Place {
  slot: number
  past: WorkerPast
  running?: Running
  restart?: NodeJS.Timeout
}

interface Running {
  node: string
  worker: Worker
  startedAt: number
  isListening: boolean
  tell(message: LifeMessage): void
  exit: Promise<void>
}

/**
 * Servers in processes of their own that share one port, one store and this process, which serves nothing itself: it brings what they
 * say to each other, starts a worker again that has died, and has the others free what that one held, which nobody else knows so soon.
 */
export class Workers {
  readonly #options: WorkersOptions
  readonly #hub = new IpcHub()
  readonly #places: Place[]
  /** Nodes that have ended, until somebody has freed what they held. */
  readonly #unburied = new Set<string>()
  #folder = ''
  #hasFailed = false
  #closed: Promise<void> | undefined

  constructor(options: WorkersOptions) {
    this.#options = options
    this.#places = Array.from({ length: options.count }, (_, index) => ({ slot: index + 1, past: NO_PAST }))
  }

  /**
   * Resolves when all of them serve, or when they were closed before that. The first one sets the store up alone.
   *
   * @throws when one ends before that; it has said why
   */
  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'trunkline-workers-'))
    const [first, ...others] = this.#places
    try {
      if (first) await this.#begin(first)
      await Promise.all(others.map((place) => this.#begin(place)))
      this.#options.logger.info({ workers: this.#places.length }, 'All workers listen')
    } catch (error) {
      if (!this.#closed) throw error
    }
  }

  /** Ends all of them, each in order. @throws when one did not end in order */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    for (const { restart } of this.#places) clearTimeout(restart)
    const running = this.#places.flatMap((place) => place.running ?? [])
    for (const { isListening, tell, worker } of running) {
      if (isListening) tell({ kind: 'end' })
      // It may not hear anything yet, and holds nothing then.
      else worker.process.kill('SIGTERM')
    }
    const deadline = setTimeout(() => {
      for (const { worker } of running) worker.process.kill('SIGKILL')
    }, this.#options.endMs)
    await Promise.all(running.map(({ exit }) => exit))
    clearTimeout(deadline)
    await rm(this.#folder, { recursive: true, force: true })
    if (this.#hasFailed) throw new Error('A worker has not ended in order')
  }

  /** Resolves when the worker serves. */
  #begin(place: Place): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('The workers were closed'))
    const { name, logger, count } = this.#options
    const { slot } = place
    // Two lives of one worker are two nodes: what is freed of the first must not be the second's.
    const node = `${name}-${slot}-${randomBytes(3).toString('hex')}`
    cluster.setupPrimary({ serialization: 'advanced', args: ['worker', String(slot), String(count), this.#folder] })
    const worker = cluster.fork({ NODE_NAME: node })
    const channel = ipcChannel(worker.process)
    const leave = this.#hub.add(node, channel)
    const exit = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    const running: Running = {
      node,
      worker,
      startedAt: performance.now(),
      isListening: false,
      tell: (message) => channel.send(message),
      exit,
    }
    place.running = running
    return new Promise((resolve, reject) => {
      channel.onMessage((message) => {
        if (message.kind === 'buried') this.#unburied.delete(message.node)
        if (message.kind !== 'listening') return
        running.isListening = true
        logger.info({ node, workerPid: worker.process.pid, url: message.url }, 'A worker listens')
        for (const gone of this.#unburied) channel.send({ kind: 'gone', node: gone })
        resolve()
      })
      worker.once('exit', (code, signal) => {
        leave()
        this.#ended(place, running, { code, signal })
        reject(new Error('A worker ended before it listened; it says why itself'))
      })
    })
  }

  #ended(place: Place, { node, startedAt, isListening }: Running, how: { code: number | null; signal: string }): void {
    const { logger } = this.#options
    delete place.running
    if (this.#closed) {
      this.#hasFailed ||= how.code !== 0 && (isListening || how.signal !== 'SIGTERM')
      return
    }
    this.#unburied.add(node)
    for (const { running } of this.#places) if (running?.isListening) running.tell({ kind: 'gone', node })
    // Whoever starts them all decides what follows when one never served.
    if (!isListening && place.past === NO_PAST) return
    const { past, pauseMs } = afterEnd({ livedMs: performance.now() - startedAt }, place.past)
    place.past = past
    logger.error({ node, ...how, pauseMs }, 'A worker has ended; another one takes its place')
    place.restart = setTimeout(() => void this.#begin(place).catch(() => {}), pauseMs)
  }
}
