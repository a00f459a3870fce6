import { v7 as uuid } from 'uuid'
import type { ErrorCode } from '../errors/codes.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { OtherNodes, Packed } from '../manager/other-nodes.js'
import type { Clock } from '../ports/clock.js'
import type { BusAnswer, ClusterBus } from '../ports/cluster-bus.js'
import type { LeaseStore } from '../ports/lease-store.js'
import type { MediaStore } from '../ports/media-store.js'
import type { CommandOptions, ResultOf, SessionCommand } from '../session/commands.js'
import type { SendData } from '../types/content.js'
import { LIMITS } from '../types/limits.js'
import { onAbort } from '../util/on-abort.js'
import { sleep } from '../util/sleep.js'
import { type CommandQuestion, decodeReply, encodeMessage, errorFrom, topicOfNode } from './message.js'

/** How long another node may take for a command. */
const PATIENCE_MS = 60_000
/** The same where a file is carried. */
const FILE_PATIENCE_MS = 10 * 60_000
/** A node that gives a session back has answered just before, or is about to. */
const LAST_WORDS_MS = 1_000
/** A node that has not answered for so long is asked whether it is at it: a bus does not always notice that one is cut off. */
const PING_EVERY_MS = 2_000
/** A node that sleeps for longer has lost its sessions, or is about to. */
const PONG_WITHIN_MS = 5_000
/** A command has begun by then, or never will: sooner than anybody gives up a node that is silent, by more than clocks differ. */
const BEGIN_WITHIN_MS = 5_000
/** Nothing was done there, and the session is on its way to elsewhere, or may be. */
const MOVED: readonly ErrorCode[] = ['LEASE_HELD', 'LEASE_UNSURE', 'MANAGER_CLOSED']
/** Of the largest file that there is; what may be of its kind is looked at where it is sent. */
const MAX_FILE_BYTES = Math.max(...Object.values(LIMITS.media.maxBytes))

export interface RemoteCommandsParts {
  bus: ClusterBus
  clock: Clock
  /** Where a file waits for the node that sends it. */
  media: MediaStore | undefined
  leases: Pick<LeaseStore, 'now'>
  /** Resolves with `true` when that node does not hold the session any more, with `false` when the signal is aborted before. */
  leaseFree(sessionId: string, signal: AbortSignal, options: { by: string }): Promise<boolean>
}

/** Gives commands to other nodes over the bus. */
export class RemoteCommands implements OtherNodes {
  readonly #parts: RemoteCommandsParts

  constructor(parts: RemoteCommandsParts) {
    this.#parts = parts
  }

  async pack<Command extends SessionCommand>(
    sessionId: string,
    given: Command,
    options: CommandOptions,
  ): Promise<Packed<Command>> {
    const { media } = this.#parts
    // Of the same kind.
    const command = named(given) as Command
    const file = options.file && (await this.#keep(sessionId, options.file, options.signal))
    return {
      command,
      options: { ...options, ...(file ? { file: file.bytes } : {}) },
      ask: (node) =>
        this.#ask(node, { sessionId, command, ...(file ? { mediaId: file.mediaId } : {}) }, options.signal),
      end: async () => void (file && (await media?.remove({ sessionId, mediaId: file.mediaId }).catch(() => false))),
    }
  }

  /** Bytes do not belong on the bus: the node reads them from the store, as often as it is told to. */
  async #keep(sessionId: string, source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    const { media, clock } = this.#parts
    if (!media) {
      const message = 'must keep media, to hand a file to the node that runs the session'
      throw new TrunklineError('CONFIG_INVALID', { message, details: { errors: [{ field: 'store', message }] } })
    }
    const mediaId = `outbound-${uuid()}`
    const storedAt = new Date(clock.now()).toISOString()
    await media.put({ sessionId, mediaId }, source, {
      maxBytes: MAX_FILE_BYTES,
      storedAt,
      ...(signal ? { signal } : {}),
    })
    return { mediaId, bytes: storedBytes(media, { sessionId, mediaId }) }
  }

  async #ask<Command extends SessionCommand>(
    node: string,
    about: Omit<CommandQuestion, 'id' | 'beginBy'> & { command: Command },
    signal: AbortSignal | undefined,
  ): Promise<{ result: ResultOf<Command> } | 'moved'> {
    const { sessionId } = about
    const beginBy = (await this.#parts.leases.now()) + BEGIN_WITHIN_MS
    const question = { id: uuid(), beginBy, ...about }
    const answer = await this.#answerOf(node, question, signal)
    if (answer.kind === 'nobody') return 'moved'
    const unreachable = (message: string) =>
      new TrunklineError('CLUSTER_UNREACHABLE', { message, details: { sessionId, owner: node } })
    if (answer.kind === 'unreachable') throw unreachable('The node that runs the session cannot be reached')
    if (answer.kind === 'timeout')
      throw unreachable('The node that runs the session has not answered; nobody knows whether it was done')
    if (answer.kind === 'too-large') throw new TrunklineError('PAYLOAD_TOO_LARGE')
    const reply = decodeReply(answer.data)
    if (!reply || reply.kind === 'unknown')
      throw unreachable('The node that runs the session is of another version, which does not know this')
    if (reply.kind === 'done') return { result: reply.result as ResultOf<Command> }
    if (reply.kind === 'late') return 'moved'
    const error = errorFrom(reply.error)
    if (MOVED.includes(error.code)) return 'moved'
    throw error
  }

  /** A node that ends in the middle of it has given the session back, or lost it: then nobody waits for its answer any more. */
  async #answerOf(node: string, question: CommandQuestion, signal: AbortSignal | undefined): Promise<BusAnswer> {
    const { bus, clock, leaseFree } = this.#parts
    const gone = new AbortController()
    const answered = new AbortController()
    const leave = signal && onAbort(signal, () => gone.abort())
    const timeoutMs = question.mediaId || question.command.kind === 'fetch-media' ? FILE_PATIENCE_MS : PATIENCE_MS
    const asking = bus.ask(topicOfNode(node), encodeMessage(question), { timeoutMs, signal: gone.signal })
    void leaseFree(question.sessionId, answered.signal, { by: node }).then(async (isFree) => {
      // One that hands the session over, or ends in order, still answers what it was asked before.
      if (!isFree || (await this.#isAtIt(node, question, { timeoutMs: LAST_WORDS_MS, signal: answered.signal }))) return
      if (await sleep(clock, LAST_WORDS_MS, answered.signal)) gone.abort()
    })
    void this.#isLost(node, question, answered.signal).then((isLost) => {
      if (isLost) gone.abort()
    })
    try {
      return await asking
    } catch (error) {
      if (signal?.aborted || !gone.signal.aborted) throw error
      return { kind: 'timeout' }
    } finally {
      answered.abort()
      leave?.()
    }
  }

  /** Resolves with `true` when the node is silent, or knows nothing of the question; with `false` when the signal is aborted before. */
  async #isLost(node: string, question: CommandQuestion, signal: AbortSignal): Promise<boolean> {
    while (await sleep(this.#parts.clock, PING_EVERY_MS, signal))
      if (!(await this.#isAtIt(node, question, { timeoutMs: PONG_WITHIN_MS, signal }))) return true
    return false
  }

  /** Also `true` when the signal is aborted: it has answered then. */
  #isAtIt(
    node: string,
    { id }: CommandQuestion,
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<boolean> {
    const asking = this.#parts.bus.ask(topicOfNode(node), encodeMessage({ about: 'ping', id }), options)
    return asking.then(isYes, () => options.signal.aborted)
  }
}

function isYes(answer: BusAnswer): boolean {
  const reply = answer.kind === 'answer' ? decodeReply(answer.data) : undefined
  return reply?.kind === 'done' && reply.result === true
}

/** A message that is asked for twice must be known the second time. */
function named(command: SessionCommand): SessionCommand {
  if (command.kind === 'send') return { ...command, message: withId(command.message) }
  return command.kind === 'send-batch' ? { ...command, messages: command.messages.map(withId) } : command
}

function withId<Request extends SendData>(request: Request): Request {
  return request.clientMessageId === undefined ? { ...request, clientMessageId: uuid() } : request
}

/** What is stored, read anew by each who asks. */
export function storedBytes(media: MediaStore, ref: { sessionId: string; mediaId: string }): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      const stored = await media.read(ref)
      if (!stored)
        throw new TrunklineError('MESSAGE_FAILED', {
          message: 'The file of the message is gone',
          details: { messageId: '' },
        })
      yield* stored.chunks
    },
  }
}
