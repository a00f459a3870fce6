import { setTimeout as sleep } from 'node:timers/promises'
import { type Authenticator, type AuthOptions, createAuthenticator, mayLink, mayManageWebhook } from '@trunkline/api'
import type { Logger, MultiSessionManager, Webhook } from '@trunkline/core'
import type { Namespace, Server, Socket } from 'socket.io'
import { type Admission, admit, connectError, mayPassLater, namedSessions, wants } from './admission.js'
import { Delivery } from './delivery.js'
import { loseConnection } from './lost-connection.js'
import { Member } from './member.js'
import { type BridgeLimits, checkAttached, checkLimits } from './options.js'
import { Replay } from './replay.js'
import { RightsWatch } from './rights-watch.js'
import { roomOf, sessionOf, VIEWERS } from './rooms.js'
import { SocketQuota } from './socket-quota.js'
import { Turns } from './turns.js'

export type SocketioBridgeOptions = AuthOptions & Partial<BridgeLimits> & { logger?: Logger }

export interface SocketioBridge {
  /**
   * Asks the authenticator about every socket at once instead of at the next interval: after a user was disabled, removed or
   * given other sessions. Resolves when all were asked.
   */
  recheck(): Promise<void>
  /**
   * Ends the sockets of the bridge and leaves the manager and the host's server alone. Clients take it for a lost connection
   * and try again until a bridge is there. Safe to call twice.
   */
  close(): Promise<void>
}

/** What the bridge uses of a manager. */
export type BridgeManager = Pick<MultiSessionManager, 'events' | 'lastSeq' | 'list' | 'onAny' | 'store'> & {
  webhooks: Pick<MultiSessionManager['webhooks'], 'onDisabled'>
}

/** How many pages of missed events are read and sent at a time, over all sockets. */
const REPLAY_WIDTH = 2
/** A client that would ask again at once is kept waiting for this long before it is turned away. */
const REFUSAL_DELAY_MS = 1000
/** A client that takes nothing for so long does not read at all. */
const STALLED_MS = 60_000

/**
 * Sends every event of the manager to the sockets that may see its session. Give it a namespace of your own
 * (`io.of('/whatsapp')`) when other clients use the server too: every socket of the namespace has to sign in, and those that
 * are there already are sent away to do so.
 *
 * @throws CONFIG_INVALID naming the option that is wrong, such as a `jwtSecret` under 32 bytes
 */
export function attachSocketioBridge(
  io: Server | Namespace,
  manager: BridgeManager,
  options: SocketioBridgeOptions,
): SocketioBridge {
  checkAttached({ io, manager, logger: options?.logger })
  const authenticator = createAuthenticator(manager.store, options)
  const limits = checkLimits(options, { ownLogin: options.authenticator === undefined })
  return new Bridge('of' in io ? io.of('/') : io, { manager, authenticator, limits, logger: options.logger })
}

interface Parts {
  manager: BridgeManager
  authenticator: Authenticator
  limits: BridgeLimits
  logger: Logger | undefined
}

class Bridge implements SocketioBridge {
  readonly #namespace: Namespace
  readonly #parts: Parts
  readonly #admissions = new WeakMap<Socket, Admission>()
  readonly #members = new Map<string, Member>()
  readonly #quota: SocketQuota
  readonly #turns = new Turns({ width: REPLAY_WIDTH })
  readonly #delivery: Delivery
  readonly #rights: RightsWatch
  readonly #stallCheck: NodeJS.Timeout
  readonly #stopListening: () => void
  readonly #stopHearing: () => void
  readonly #stopWatching: () => void
  #closed = false

  constructor(namespace: Namespace, parts: Parts) {
    const { manager, limits, logger } = parts
    this.#namespace = namespace
    this.#parts = parts
    this.#quota = new SocketQuota({
      max: limits.maxSockets,
      maxPerAddress: limits.maxSocketsPerAddress,
      maxPerUser: limits.maxSocketsPerUser,
    })
    this.#delivery = new Delivery({ namespace, members: this.#members, logger })
    this.#rights = new RightsWatch({
      members: () => this.#members.values(),
      intervalMs: limits.recheckIntervalMs,
      ...(logger ? { logger } : {}),
      onLost: ({ socket }) => loseConnection(socket),
      onChanged: (member) => this.#regroup(member),
    })
    for (const socket of namespace.sockets.values()) loseConnection(socket)
    namespace.use(this.#onHandshake)
    namespace.on('connection', this.#onConnection)
    this.#stallCheck = setInterval(() => this.#endStalled(), STALLED_MS / 4)
    this.#stallCheck.unref()
    const ask = (userId: string) => void this.#rights.sweep({ userId })
    this.#stopWatching = parts.authenticator.onRightsChange?.(ask) ?? (() => {})
    this.#stopListening = manager.onAny((name, event) => this.#delivery.announce(name, event), { scope: 'cluster' })
    this.#stopHearing = manager.webhooks.onDisabled((webhook) => this.#tellDisabled(webhook), { scope: 'cluster' })
  }

  async recheck(): Promise<void> {
    await this.#rights.sweep()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopListening()
    this.#stopHearing()
    this.#stopWatching()
    this.#rights.stop()
    clearInterval(this.#stallCheck)
    this.#namespace.off('connection', this.#onConnection)
    for (const { socket } of this.#members.values()) loseConnection(socket)
  }

  // Socket.IO has no way to take a middleware off again: a closed bridge lets everybody pass.
  readonly #onHandshake = (socket: Socket, next: (error?: Error) => void): void => {
    if (this.#closed) return void next()
    this.#admit(socket).then(
      () => {
        // Nobody would send it anything.
        if (this.#closed) loseConnection(socket)
        next()
      },
      (error: unknown) => this.#refuse(socket, error).then(next),
    )
  }

  async #admit(socket: Socket): Promise<Admission> {
    this.#quota.takeAny(socket)
    const admission = await admit(socket.handshake, this.#parts.authenticator)
    this.#quota.takeOf(admission.principal.userId, socket)
    this.#admissions.set(socket, admission)
    return admission
  }

  /** The error of a middleware keeps a client away for good: it gets one only when it has to sign in anew. */
  async #refuse(socket: Socket, error: unknown): Promise<Error> {
    if (mayPassLater(error)) {
      this.#parts.logger?.warn({ err: error }, 'A socket was turned away for now')
      await sleep(REFUSAL_DELAY_MS, undefined, { ref: false })
      loseConnection(socket)
    }
    return connectError(error)
  }

  readonly #onConnection = (socket: Socket): void => {
    const admission = this.#admissions.get(socket)
    if (admission) this.#welcome(socket, admission)
    else if (socket.recovered) void this.#readmit(socket)
    // It came through before this bridge was there.
    else loseConnection(socket)
  }

  /** Socket.IO's own recovery leaves middlewares out and puts a socket back in its rooms, whatever it may see now. */
  async #readmit(socket: Socket): Promise<void> {
    for (const room of socket.rooms) if (room !== socket.id) await socket.leave(room)
    try {
      this.#welcome(socket, await this.#admit(socket))
    } catch (error) {
      if (mayPassLater(error)) loseConnection(socket)
      else socket.disconnect()
    }
  }

  #welcome(socket: Socket, admission: Admission): void {
    const { limits, logger } = this.#parts
    const onFull = () => {
      logger?.warn({ userId: admission.principal.userId }, 'A socket was ended because it does not read what is sent')
      queueMicrotask(() => loseConnection(socket, { discard: true }))
    }
    const member = new Member({ socket, admission, maxBufferedBytes: limits.maxBufferedBytes, onFull })
    this.#members.set(socket.id, member)
    socket.once('disconnect', () => {
      this.#members.delete(socket.id)
      this.#delivery.forget(member)
    })
    this.#join(member).catch((err) => {
      logger?.warn({ err }, 'A socket could not be brought up to date; it has to connect again')
      loseConnection(socket)
    })
  }

  async #join(member: Member): Promise<void> {
    if (!mayLink(member.principal)) await member.socket.join(VIEWERS)
    const replays = [...member.after]
      .filter(([sessionId]) => wants(member, sessionId))
      .map(([sessionId, after]) => {
        const replay = new Replay(sessionId, { after, outlet: member })
        this.#delivery.holdBack(member, sessionId, replay)
        return replay
      })
    await this.#joinRooms(member)
    const context = { source: this.#parts.manager, turns: this.#turns, signal: member.signal }
    for (const replay of replays) await replay.run(context)
  }

  async #joinRooms(member: Member): Promise<void> {
    const { manager } = this.#parts
    const named = namedSessions(member)
    // A socket that has left would stay in its rooms for ever.
    if (member.signal.aborted) return
    if (named) return void (await member.socket.join(named.map(roomOf)))
    let cursor: string | undefined
    do {
      const page = await manager.list({ limit: 200, ...(cursor ? { cursor } : {}) })
      // Meanwhile it may have left, or lost a session.
      if (member.signal.aborted) return
      await member.socket.join(page.items.filter(({ id }) => wants(member, id)).map(({ id }) => roomOf(id)))
      cursor = page.nextCursor
    } while (cursor)
  }

  /** After its principal has changed. What it may not see any more goes first, and at once. */
  #regroup(member: Member): void {
    const { socket } = member
    void (mayLink(member.principal) ? socket.leave(VIEWERS) : socket.join(VIEWERS))
    for (const room of socket.rooms) {
      const sessionId = sessionOf(room)
      if (sessionId !== undefined && !wants(member, sessionId)) void socket.leave(room)
    }
    this.#delivery.forget(member, (sessionId) => !wants(member, sessionId))
    this.#joinRooms(member).catch((err) => {
      this.#parts.logger?.warn({ err }, 'A socket could not be given its new sessions; it has to connect again')
      loseConnection(socket)
    })
  }

  /** It is of no session, so that it is in no session's room. */
  #tellDisabled(webhook: Webhook): void {
    const { id: webhookId, stateReason: reason = 'unknown' } = webhook
    const at = new Date().toISOString()
    for (const member of this.#members.values())
      if (mayManageWebhook(member.principal, webhook)) member.emit('webhook.disabled', { webhookId, at, reason })
  }

  #endStalled(): void {
    for (const { socket, stalledMs } of this.#members.values()) {
      if (stalledMs >= STALLED_MS) loseConnection(socket, { discard: true })
    }
  }
}
