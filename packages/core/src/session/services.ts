import type { Pacer } from '../pacing/pacer.js'
import type { Clock } from '../ports/clock.js'
import type { AuthHandle, Connector } from '../ports/connector.js'
import type { LinkPreviews } from '../ports/link-previews.js'
import type { Logger } from '../ports/logger.js'
import type { MediaDesk } from '../ports/media-desk.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import type { EventName, EventOf } from '../types/events.js'
import type { WebVersion } from '../types/web-version.js'

/** What one session needs from the rest of the process. */
export interface SessionServices {
  store: Store
  connector: Connector
  /** Makes files that can be sent of what callers give. */
  mediaDesk: MediaDesk
  /** Looks at what texts lead to. */
  linkPreviews: LinkPreviews
  /** Says when what is queued may go out: at once, without one. */
  pacer?: Pacer
  clock: Clock
  logger: Logger
  /** 0 (inclusive) to 1 (exclusive), as `Math.random`. */
  random: () => number
  /** Names this process among the nodes of one store. */
  node: string
  /** Takes the ownership of a session under its next epoch; `undefined` while another node holds it. */
  acquire(sessionId: string): Promise<Ownership | undefined>
  /** The node that holds the session at this moment. @throws STORE_UNAVAILABLE */
  holderOf(sessionId: string): Promise<string | undefined>
  /** Waits until no node holds the session; `false` when the signal was aborted before. */
  leaseFree(sessionId: string, signal: AbortSignal, options?: { by?: string }): Promise<boolean>
  /**
   * Where sessions are shared out among nodes: waits until this node is to take the session; `false` when the signal was aborted
   * before.
   */
  mayTake?(sessionId: string, signal: AbortSignal): Promise<boolean>
  /** Whether the store answered when it was asked last. */
  storeAnswers(): boolean
  /** Which version of WhatsApp Web to announce. */
  versions: VersionTurns
  /** Waits for this session's turn to connect; `false` when the signal was aborted before. */
  connectTurn(signal: AbortSignal): Promise<boolean>
  /** A message was queued that is not to be sent after a time (ISO 8601): it is told when that has come. */
  expects?(expiresAt: string): void
  /** A session has counted something that is to be stored. */
  counted(): void
  /** Hands an event to the listeners of this process. */
  emit<Name extends EventName>(name: Name, event: EventOf<Name>): void
  timings: SessionTimings
}

/** Which version of WhatsApp Web the sessions announce, and what follows when WhatsApp refuses one. */
export interface VersionTurns {
  /** Resolves at once, but while a newer version is looked for: then one session tries at a time. `undefined` when aborted. */
  turn(request: VersionRequest, signal: AbortSignal): Promise<VersionTurn | undefined>
}

/** A session that is about to connect. */
export interface VersionRequest {
  sessionId: string
  /** What WhatsApp let this session in with last. */
  last?: WebVersion
  proxyUrl?: string
  /** Whether somebody has asked for this very start. */
  asked: boolean
  /** Called while it waits, when no version could be found yet. */
  tell(problem: { message: string; retryAt: string }): void
}

/** One connection's right to a version, until `end`. */
export interface VersionTurn {
  /** The connector's own unless given. */
  version?: WebVersion
  /** WhatsApp takes it. */
  accepted(): void
  /** WhatsApp does not. Whether to connect again; a person is needed otherwise. */
  refused(): boolean
  /** Called in any case, when the connection is over. */
  end(): void
}

/** A session that this process runs, or works on. */
export interface Ownership {
  epoch: number
  /** As it was when the owner before was shut out; `undefined` when there is none. */
  record: SessionRecord | undefined
  auth: AuthHandle
  /** Aborted with LEASE_LOST when another node may run the session: everything of it must stop. */
  lost: AbortSignal
  /**
   * While it is not certain that this node still has the session: settles when that is known, `lost` being aborted if it has not.
   * `undefined` when it is certain.
   */
  doubt(): Promise<void> | undefined
  /** The store has refused this epoch: another node has the session. */
  refused(): void
  release(): Promise<void>
}

export interface SessionTimings {
  /** Bounds of the back-off between tries. */
  reconnectBaseMs: number
  reconnectMaxMs: number
  /** A connection that was open for this long starts the back-off anew. */
  stableAfterMs: number
  /** The pause after another connection opened the account. */
  replacedRetryMs: number
  /** A second replacement within this time fails the session. */
  replacedWindowMs: number
  /** Bounds of the pause between two looks for a version that WhatsApp takes. */
  versionRetryBaseMs: number
  versionRetryMaxMs: number
  /** How long `send` waits for the server's answer. */
  ackTimeoutMs: number
}

export const DEFAULT_TIMINGS: SessionTimings = {
  reconnectBaseMs: 1_000,
  reconnectMaxMs: 120_000,
  stableAfterMs: 30_000,
  replacedRetryMs: 60_000,
  replacedWindowMs: 600_000,
  versionRetryBaseMs: 60_000,
  versionRetryMaxMs: 3_600_000,
  ackTimeoutMs: 10_000,
}
