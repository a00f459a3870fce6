import { type AuthOptions, createAuthenticator, mayLink, qrDataUrl } from '@trunkline/api'
import { SECRET_EVENTS } from '@trunkline/contract'
import { type EventName, type EventOf, type Logger, type MultiSessionManager, TrunklineError } from '@trunkline/core'
import type { Namespace, Server, Socket } from 'socket.io'
import { type Admission, admit, connectError, namedSessions, wants } from './admission.js'
import { Replay } from './replay.js'

export type SocketioBridgeOptions = AuthOptions & {
  /** How many sockets one user may have at a time; 100 unless given. */
  maxSocketsPerUser?: number
  logger?: Logger
}

export interface SocketioBridge {
  /** Disconnects the sockets of the bridge and leaves the manager and the host's server alone. Safe to call twice. */
  close(): Promise<void>
}

/** What the bridge uses of a manager. */
export type BridgeManager = Pick<MultiSessionManager, 'events' | 'lastSeq' | 'list' | 'onAny' | 'store'>

interface Member extends Admission {
  socket: Socket
  replays: Map<string, Replay>
}

/** Rooms that only say who a socket is. */
const VIEWERS = 'trunkline:viewers'
const MAX_TIMER_MS = 2 ** 31 - 1
const DEFAULT_MAX_SOCKETS_PER_USER = 100

/**
 * Sends every event of the manager to the sockets that may see its session. Give it a namespace of your own
 * (`io.of('/whatsapp')`) when other clients use the server too: every socket of the namespace has to sign in.
 *
 * @throws CONFIG_INVALID for a `jwtSecret` under 32 bytes
 */
export function attachSocketioBridge(
  io: Server | Namespace,
  manager: BridgeManager,
  options: SocketioBridgeOptions,
): SocketioBridge {
  const { logger, maxSocketsPerUser = DEFAULT_MAX_SOCKETS_PER_USER } = options
  const authenticator = createAuthenticator(manager.store.users, options)
  const namespace = 'of' in io ? io.of('/') : io
  const admissions = new WeakMap<Socket, Admission>()
  const members = new Map<string, Member>()
  const deliveries = new Map<string, Promise<void>>()
  let closed = false

  // Socket.IO has no way to take a middleware off again: a closed bridge lets everybody pass.
  namespace.use((socket, next) => {
    if (closed) return next()
    admit(socket.handshake, authenticator)
      .then((admission) => {
        checkQuota(admission.principal.userId)
        admissions.set(socket, admission)
      })
      .then(
        () => next(),
        (error) => next(connectError(error)),
      )
  })

  const onConnection = (socket: Socket) => {
    const admission = admissions.get(socket)
    if (!admission || closed) return
    const member: Member = { ...admission, socket, replays: new Map() }
    members.set(socket.id, member)
    const cancelExpiry = disconnectAt(socket, admission.principal.expiresAt)
    socket.once('disconnect', () => {
      cancelExpiry()
      members.delete(socket.id)
    })
    join(member).catch((err) => {
      logger?.warn({ err }, 'A socket could not be brought up to date; it has to connect again')
      // Not `disconnect()`, after which clients stay away: this looks like a lost connection.
      socket.conn.close()
    })
  }
  namespace.on('connection', onConnection)

  const off = manager.onAny((name, event) => {
    inOrder(event.sessionId, name, async () => {
      deliver(name, name === 'qr' ? await withImage(event as EventOf<'qr'>) : event)
    })
  })

  function checkQuota(userId: string): void {
    const sockets = [...members.values()].filter(({ principal }) => principal.userId === userId)
    if (sockets.length < maxSocketsPerUser) return
    throw new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds: 60 } })
  }

  async function join(member: Member): Promise<void> {
    const { socket } = member
    if (!mayLink(member.principal)) await socket.join(VIEWERS)
    const replayed = [...member.after].filter(([sessionId]) => wants(member, sessionId))
    const replays = replayed.map(([sessionId, after]) => {
      const replay = new Replay(sessionId, { after, emit: (name, payload) => socket.emit(name, payload) })
      member.replays.set(sessionId, replay)
      return replay
    })
    const named = namedSessions(member)
    if (named) await socket.join(named.map(roomOf))
    else await joinAll(socket)
    for (const replay of replays) await replay.run(manager)
  }

  async function joinAll(socket: Socket): Promise<void> {
    let cursor: string | undefined
    do {
      const page = await manager.list({ limit: 200, ...(cursor ? { cursor } : {}) })
      // A socket that left meanwhile would stay in its rooms for ever.
      if (!socket.connected) return
      await socket.join(page.items.map(({ id }) => roomOf(id)))
      cursor = page.nextCursor
    } while (cursor)
  }

  /** Events of a session leave in the order they happened, also while the image of a QR is drawn. */
  function inOrder(sessionId: string, name: EventName, task: () => Promise<void>): void {
    const before = deliveries.get(sessionId)
    if (!before && name !== 'qr') return void guarded(task)
    const delivery = (before ?? Promise.resolve()).then(() => guarded(task))
    deliveries.set(sessionId, delivery)
    void delivery.then(() => {
      if (deliveries.get(sessionId) === delivery) deliveries.delete(sessionId)
    })
  }

  function guarded(task: () => Promise<void>): Promise<void> {
    return task().catch((err) => logger?.error({ err }, 'An event could not be sent to sockets'))
  }

  function deliver(name: EventName, event: EventOf<EventName>): void {
    const { sessionId } = event
    const room = roomOf(sessionId)
    if (name === 'session.created') {
      for (const member of members.values()) if (wants(member, sessionId)) void member.socket.join(room)
    }
    const behind = [...members.values()].filter(({ replays }) => replays.has(sessionId))
    const secret = SECRET_EVENTS.some((each) => each === name)
    const apart = [...behind.map(({ socket }) => socket.id), ...(secret ? [VIEWERS] : [])]
    namespace.to(room).except(apart).emit(name, event)
    for (const { principal, replays } of behind) {
      const replay = replays.get(sessionId)
      if (!secret || mayLink(principal)) replay?.live(name, event)
      if (replay?.joined) replays.delete(sessionId)
    }
    if (name === 'session.deleted') namespace.in(room).socketsLeave(room)
  }

  return {
    async close() {
      if (closed) return
      closed = true
      off()
      namespace.off('connection', onConnection)
      for (const { socket } of members.values()) socket.disconnect()
    },
  }
}

function roomOf(sessionId: string): string {
  return `session:${sessionId}`
}

async function withImage(event: EventOf<'qr'>): Promise<EventOf<'qr'>> {
  return { ...event, image: await qrDataUrl(event.qr) }
}

function disconnectAt(socket: Socket, expiresAt: string | undefined): () => void {
  if (!expiresAt) return () => {}
  const delayMs = Math.min(Date.parse(expiresAt) - Date.now(), MAX_TIMER_MS)
  const timer = setTimeout(() => socket.disconnect(), delayMs)
  return () => clearTimeout(timer)
}
