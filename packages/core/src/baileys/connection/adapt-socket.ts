import type { EventEmitter } from 'node:events'
import type { proto, WASocket } from '@whiskeysockets/baileys'
import { BoundedMap } from '../../util/bounded-map.js'

/** What Baileys does not type: the parts of its socket that are reached into. All of them stand here. */
interface SocketInternals {
  ws: EventEmitter & {
    /** The `ws` WebSocket under Baileys' client. */
    socket?: { terminate(): void; send(...frame: unknown[]): void } | null
    close(): Promise<void>
  }
  messageRetryManager?: {
    addRecentMessage(to: string, id: string, message: proto.IMessage): void
    recentMessagesMap: Cache
    baseKeys: Cache
  } | null
}

interface Cache {
  get(key: string): unknown
  set(key: string, value: unknown): unknown
  delete(key: string): unknown
  clear(): void
}

export interface SocketFaults {
  /** A frame could not be decrypted or decoded: nothing after it can be read either. */
  unreadableFrame(error: unknown): void
  /** A handler of Baileys failed. */
  handlerFailed(error: unknown, event: string): void
}

export interface AdaptedSocket {
  /** Cuts the line at once. */
  terminate(): void
  /** Keeps back every frame from now on, until the answer is called: then they leave in their order. */
  holdFrames(): () => void
}

/** As many as Baileys keeps. */
const MAX_BASE_KEYS = 1_024

/** How long a server may take to answer our closing frame. */
const CLOSE_TIMEOUT_MS = 1_000

/**
 * Changes a new socket in four places.
 *
 * - Closing does not wait 30 s for a server that is silent.
 * - Queries that are not answered yet fail when the socket ends. When Baileys ends it itself it takes away the listeners that
 *   would tell them, and they wait out their 60 s, with whatever waits for them.
 * - Messages are not kept a second time in memory, each with a timer of five minutes: the cache of Baileys is looked up by a
 *   device JID, never matches what was put in by chat, and the store answers instead (`getMessage`). Nor does each account keep
 *   room for it, and for the keys of retries, in advance: that is a tenth of its memory.
 * - Its asynchronous handlers are caught. Baileys lets them reject into nothing, so that one malformed frame, or a stanza that
 *   arrives while the socket closes, ends the whole process with all its accounts.
 */
export function adaptSocket(socket: WASocket, faults: SocketFaults): AdaptedSocket {
  const { ws, messageRetryManager } = socket as unknown as SocketInternals
  const terminate = () => ws.socket?.terminate()
  const close = ws.close.bind(ws)
  ws.close = async () => {
    const timer = setTimeout(terminate, CLOSE_TIMEOUT_MS)
    await close().finally(() => clearTimeout(timer))
  }
  tellOfTheEnd(ws)
  if (messageRetryManager) {
    messageRetryManager.addRecentMessage = () => undefined
    messageRetryManager.recentMessagesMap = new Map()
    messageRetryManager.baseKeys = new BoundedMap({ max: MAX_BASE_KEYS })
  }
  guardListeners(ws, (error, event) =>
    event === 'message' ? faults.unreadableFrame(error) : faults.handlerFailed(error, event),
  )
  return { terminate, holdFrames: () => holdFrames(ws.socket) }
}

function tellOfTheEnd(ws: SocketInternals['ws']): void {
  const removeAllListeners = ws.removeAllListeners.bind(ws)
  ws.removeAllListeners = (event) => {
    const unanswered = event === 'close' ? ws.listeners('close') : []
    removeAllListeners(event)
    for (const tell of unanswered) tell.call(ws)
    return ws
  }
}

function holdFrames(socket: SocketInternals['ws']['socket']): () => void {
  if (!socket) return () => undefined
  const { send } = socket
  const held: unknown[][] = []
  socket.send = (...frame) => void held.push(frame)
  return () => {
    socket.send = send
    for (const frame of held) socket.send(...frame)
  }
}

/** Replaces the listeners that are there now by ones whose rejections, and errors, go to `onError`. */
export function guardListeners(emitter: EventEmitter, onError: (error: unknown, event: string) => void): void {
  for (const event of emitter.eventNames()) {
    for (const listener of emitter.listeners(event)) {
      const guarded = async (...args: unknown[]) => {
        try {
          await listener.apply(emitter, args)
        } catch (error) {
          onError(error, String(event))
        }
      }
      emitter.removeListener(event, listener as (...args: unknown[]) => void)
      emitter.on(event, guarded)
    }
  }
}
