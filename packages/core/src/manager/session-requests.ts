import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { EndingCommand, SessionRecord, SessionStore, SpecChanges } from '../ports/session-store.js'
import { isRunning } from '../session/session-machine.js'
import { everySession } from './every-session.js'
import type { LiveSessions } from './live-sessions.js'

/** How long another node may take to carry out what it was asked. */
const PATIENCE_MS = 10_000

export interface SessionRequestsParts {
  sessions: Pick<SessionStore, 'list' | 'update'>
  live: Pick<LiveSessions, 'find' | 'all'>
  /** This node's name. */
  node: string
  leaseFree(sessionId: string, signal: AbortSignal): Promise<boolean>
  /** Carries a command out here. */
  run(sessionId: string, command: EndingCommand): Promise<unknown>
  clock: Clock
  logger: Logger
}

/**
 * What nodes ask of each other, by way of the records of sessions: whoever changes what is wanted of a session that another node
 * runs leaves that node a request, and every node looks for those to itself, with one question for all its sessions.
 */
export class SessionRequests {
  readonly #parts: SessionRequestsParts
  readonly #closed = new AbortController()

  constructor(parts: SessionRequestsParts) {
    this.#parts = parts
  }

  /** What goes with a change of a session that another node runs, so that it looks at the record. */
  noticeOf({ node, status, request }: SessionRecord): Pick<SpecChanges, 'request'> {
    if (node === undefined || node === this.#parts.node || !isRunning(status)) return {}
    return { request: { ...(request?.node === node ? request : {}), node } }
  }

  /**
   * Asks the node that runs a session to end it, and waits until that one has let go of it. `false` when it has not in time: then
   * the request is taken back, so that nothing is done when nobody expects it any more.
   */
  async ask(sessionId: string, command: EndingCommand, { node }: { node: string }): Promise<boolean> {
    const { sessions, clock, leaseFree } = this.#parts
    const asked = await sessions.update(sessionId, { request: { node, command } })
    if (!asked) return true
    const patience = new AbortController()
    const cancel = clock.setTimeout(() => patience.abort(), PATIENCE_MS)
    try {
      if (await leaseFree(sessionId, AbortSignal.any([patience.signal, this.#closed.signal]))) return true
    } finally {
      cancel()
    }
    await sessions.update(sessionId, { request: null }, { expectedRevision: asked.revision })
    return false
  }

  /** Looks for what others ask of this node: what is wanted of a session holds from now on, and commands are carried out. */
  async look(): Promise<void> {
    const { live, sessions, node } = this.#parts
    if (!live.all.some(({ state }) => state.isOwned)) return
    for await (const record of everySession(sessions, { requestsTo: node })) await this.#answer(record)
  }

  close(): void {
    this.#closed.abort()
  }

  async #answer({ id, revision, request }: SessionRecord): Promise<void> {
    const { live, sessions } = this.#parts
    const answered = await sessions.update(id, { request: null }, { expectedRevision: revision })
    // Somebody has changed it once more: the next look finds that.
    if (!answered) return
    live.find(id)?.state.wanted(answered)
    if (request?.command) void this.#carryOut(id, request.command)
  }

  /** Not waited for: it may take seconds, and others have asked too. */
  async #carryOut(sessionId: string, command: EndingCommand): Promise<void> {
    const { run, logger } = this.#parts
    await run(sessionId, command).catch((error: unknown) => {
      logger.warn({ err: error, sessionId, command: command.kind }, 'What another node asked for could not be done')
    })
  }
}
