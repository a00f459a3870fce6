import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { ClusterBus } from '../ports/cluster-bus.js'
import type { LeaseStore } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import type { MediaStore } from '../ports/media-store.js'
import type { CommandOptions, SessionCommand } from '../session/commands.js'
import { UnknownKindError } from '../util/assert-never.js'
import {
  type CommandQuestion,
  type CommandReply,
  decodeMessage,
  encodeReply,
  errorText,
  type NodeQuestion,
  type Ping,
  topicOfNode,
} from './message.js'
import { storedBytes } from './remote-commands.js'

export interface CommandDeskParts {
  bus: ClusterBus
  clock: Clock
  /** This node's name. */
  node: string
  media: MediaStore | undefined
  leases: Pick<LeaseStore, 'now'>
  logger: Logger
  /** Carries a command out here, and nowhere else. */
  run(sessionId: string, command: SessionCommand, options: CommandOptions): Promise<unknown>
  /** What is asked of this node as a whole. */
  asked(question: NodeQuestion): Promise<unknown>
}

/** How long a node that starts waits for its bus: one that is there is reached sooner, and without one everything goes on as when it is lost. */
const REACHED_WITHIN_MS = 2_000

/** Carries out what other nodes ask of the sessions that run here. */
export class CommandDesk {
  readonly #parts: CommandDeskParts
  readonly #busyWith = new Set<string>()
  #opened: Promise<() => Promise<void>> | undefined

  constructor(parts: CommandDeskParts) {
    this.#parts = parts
  }

  /** Resolves when others can be asked, so that the first command of a process that has just started is not refused. */
  async open(): Promise<void> {
    const { bus, node } = this.#parts
    this.#opened ??= bus.answer(topicOfNode(node), async (data) => encodeReply(await this.#reply(data)))
    await this.#opened
    await this.#reached()
  }

  /** Resolves when what was begun is answered. */
  async close(): Promise<void> {
    const close = await this.#opened?.catch(() => undefined)
    await close?.()
  }

  #reached(): Promise<void> {
    const { bus, clock } = this.#parts
    if (bus.isReachable) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        stop()
        resolve()
      }
      const cancel = clock.setTimeout(end, REACHED_WITHIN_MS)
      const stop = bus.onReachable((isReachable) => {
        if (isReachable) end()
      })
    })
  }

  async #reply(data: Uint8Array): Promise<CommandReply> {
    const { asked, logger } = this.#parts
    const question = decodeMessage<Question>(data)
    if (!isQuestion(question)) return { kind: 'unknown' }
    if (isPing(question)) return { kind: 'done', result: this.#busyWith.has(question.id) }
    try {
      return 'about' in question ? done(await asked(question)) : await this.#run(question)
    } catch (error) {
      if (error instanceof UnknownKindError) return { kind: 'unknown' }
      const about = 'about' in question ? question.about : question.command.kind
      if (!TrunklineError.is(error))
        logger.error({ err: error, command: about }, 'What another node asked for could not be done')
      return { kind: 'failed', error: errorText(error) }
    }
  }

  async #run({ id, beginBy, sessionId, command, mediaId }: CommandQuestion): Promise<CommandReply> {
    const { run, media, leases } = this.#parts
    const file = mediaId !== undefined && media ? storedBytes(media, { sessionId, mediaId }) : undefined
    this.#busyWith.add(id)
    try {
      if ((await leases.now()) > beginBy) return { kind: 'late' }
      return done(await run(sessionId, command, file ? { file } : {}))
    } finally {
      this.#busyWith.delete(id)
    }
  }
}

function done(result: unknown): CommandReply {
  return { kind: 'done', ...(result === undefined ? {} : { result }) }
}

type Question = CommandQuestion | NodeQuestion | Ping

/** Of a message that may have been written by anybody. */
function isQuestion(given: Question | undefined): given is Question {
  return given !== undefined && ('about' in given || (given.command !== undefined && given.sessionId !== undefined))
}

function isPing(question: Question): question is Ping {
  return 'about' in question && question.about === 'ping'
}
