import { type Logger, TrunklineError } from '@trunkline/core'
import type { AskOptions, BusAnswer, BusTopic, ClusterBus } from '@trunkline/core/store'
import type { IpcChannel } from './ipc-channel.js'
import { type BusMessage, fits, type Part } from './ipc-messages.js'

type Answerer = (data: Uint8Array) => Promise<Uint8Array>
type Listener = (data: Uint8Array, topic: string) => void

/** As NATS has it, so that what can be told does not depend on the bus. */
const MAX_BYTES = 1024 * 1024

/**
 * The nodes of one machine, over their primary, which has an `IpcHub`. Reached for as long as the primary is there.
 */
export function createIpcBus(channel: IpcChannel, { logger }: { logger: Pick<Logger, 'error'> }): ClusterBus {
  return new IpcBus(channel, logger)
}

class IpcBus implements ClusterBus {
  readonly maxBytes = MAX_BYTES
  readonly #channel: IpcChannel
  readonly #logger: Pick<Logger, 'error'>
  readonly #answerers = new Map<string, Answerer>()
  readonly #listeners = new Set<{ pattern: string; hear: Listener }>()
  readonly #watchers = new Set<(isReachable: boolean) => void>()
  /** Who waits for an answer, or for the primary to know something. */
  readonly #asking = new Map<number, (answer: BusAnswer) => void>()
  readonly #undo: (() => void)[]
  #lastId = 0
  #isReachable: boolean

  constructor(channel: IpcChannel, logger: Pick<Logger, 'error'>) {
    this.#channel = channel
    this.#logger = logger
    this.#isReachable = channel.isOpen
    this.#undo = [
      channel.onMessage((message) => this.#hear(message as BusMessage)),
      channel.onClose(() => this.#lose()),
    ]
  }

  get isReachable(): boolean {
    return this.#isReachable
  }

  onReachable(listener: (isReachable: boolean) => void): () => void {
    this.#watchers.add(listener)
    return () => this.#watchers.delete(listener)
  }

  ask(topic: BusTopic, data: Uint8Array, { timeoutMs, signal }: AskOptions): Promise<BusAnswer> {
    if (signal?.aborted) return Promise.reject(aborted(signal))
    if (!this.#isReachable) return Promise.resolve({ kind: 'unreachable' })
    if (data.byteLength > this.maxBytes) return Promise.resolve({ kind: 'too-large' })
    return new Promise((resolve, reject) => {
      const id = this.#nextId()
      const leave = () => {
        this.#asking.delete(id)
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
      }
      const settle = (answer: BusAnswer) => {
        leave()
        resolve(answer)
      }
      const giveUp = () => {
        leave()
        reject(aborted(signal))
      }
      const timer = setTimeout(() => settle({ kind: 'timeout' }), timeoutMs)
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#asking.set(id, settle)
      this.#channel.send({ kind: 'ask', id, topic, data })
    })
  }

  async answer(topic: BusTopic, handler: Answerer): Promise<() => Promise<void>> {
    const begun = new Set<Promise<unknown>>()
    const answering: Answerer = (data) => {
      const answered = handler(data).finally(() => begun.delete(answered))
      begun.add(answered)
      return answered
    }
    this.#answerers.set(topic, answering)
    await this.#say('join', 'answerer', topic)
    return async () => {
      if (this.#answerers.get(topic) === answering) {
        this.#answerers.delete(topic)
        await this.#say('leave', 'answerer', topic)
      }
      await Promise.allSettled(begun)
    }
  }

  tell(topic: BusTopic, data: Uint8Array): void {
    if (this.#isReachable && data.byteLength <= this.maxBytes) this.#channel.send({ kind: 'tell', topic, data })
  }

  async listen(topic: BusTopic | `${string}.*`, hear: Listener): Promise<() => void> {
    const listener = { pattern: topic, hear }
    this.#listeners.add(listener)
    await this.#say('join', 'listener', topic)
    return () => {
      if (!this.#listeners.delete(listener)) return
      const isLast = ![...this.#listeners].some(({ pattern }) => pattern === topic)
      if (isLast) void this.#say('leave', 'listener', topic)
    }
  }

  async close(): Promise<void> {
    if (this.#isReachable) this.#channel.send({ kind: 'quit' })
    for (const undo of this.#undo.splice(0)) undo()
    this.#lose()
    this.#answerers.clear()
    this.#listeners.clear()
    this.#watchers.clear()
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  /** Resolves when the primary knows it, or is gone. */
  #say(kind: 'join' | 'leave', as: Part, topic: string): Promise<void> {
    if (!this.#isReachable) return Promise.resolve()
    const id = this.#nextId()
    return new Promise((resolve) => {
      this.#asking.set(id, () => resolve())
      this.#channel.send({ kind, id, as, topic })
    })
  }

  #hear(message: BusMessage): void {
    switch (message.kind) {
      case 'known':
        this.#settle(message.id, { kind: 'nobody' })
        break
      case 'answered':
        this.#settle(message.id, message.answer)
        break
      case 'question':
        void this.#answer(message)
        break
      case 'tell':
        for (const { pattern, hear } of this.#listeners)
          if (fits(pattern, message.topic)) hear(message.data, message.topic)
    }
  }

  #settle(id: number, answer: BusAnswer): void {
    const settle = this.#asking.get(id)
    this.#asking.delete(id)
    settle?.(answer)
  }

  async #answer({ asker, id, topic, data }: Extract<BusMessage, { kind: 'question' }>): Promise<void> {
    const answerer = this.#answerers.get(topic)
    const answer: BusAnswer | undefined = answerer ? await this.#answerOf(answerer, data) : { kind: 'nobody' }
    this.#channel.send({ kind: 'reply', asker, id, answer })
  }

  async #answerOf(answerer: Answerer, data: Uint8Array): Promise<BusAnswer | undefined> {
    try {
      return { kind: 'answer', data: await answerer(data) }
    } catch (err) {
      this.#logger.error({ err }, 'A question of another node was not answered')
      return undefined
    }
  }

  /** The primary is gone, or nothing is wanted of it any more: nobody knows what was done of what was asked. */
  #lose(): void {
    if (!this.#isReachable) return
    this.#isReachable = false
    for (const settle of [...this.#asking.values()]) settle({ kind: 'timeout' })
    this.#asking.clear()
    for (const watch of this.#watchers) watch(false)
  }
}

function aborted(signal: AbortSignal | undefined): TrunklineError {
  return new TrunklineError('OPERATION_ABORTED', { cause: signal?.reason })
}
