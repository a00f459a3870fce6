import type { WebSocket } from 'ws'
import type { Party } from '../model/world.js'
import { type CloseCause, closingNode } from '../rules/close-cause.js'
import type { FaultAction, FaultRules } from '../rules/fault-rules.js'
import type { WebVersion } from '../rules/version-gate.js'
import type { SimulatorClock } from '../util/clock.js'
import { type BinaryNode, childrenOf, node } from '../wire/node.js'
import { decodeNode } from '../wire/node-decoder.js'
import { encodeNode } from '../wire/node-encoder.js'
import type { NoiseServer } from '../wire/noise-server.js'
import { WireError } from '../wire/wire-error.js'
import type { Registration } from './linking/registration.js'
import type { StanzaLog } from './stanza-log.js'

export interface ConnectionOwner {
  readonly clock: SimulatorClock
  readonly log: StanzaLog
  readonly rules: FaultRules
  onEstablished(connection: Connection, clientStatic: Buffer, payload: Buffer): void
  onNode(connection: Connection, node: BinaryNode): void
  /** A stanza that a fault answers by an error instead of handling it. */
  onRefused(connection: Connection, node: BinaryNode, code: number, text: string): void
  onClosed(connection: Connection): void
}

type Direction = 'in' | 'out'

/**
 * How long a client may take to close by itself once it was told that it is over. Some take a close that overtakes its
 * announcement for the end that they expect, and never come back.
 */
const FAREWELL_MS = 1_500

/** One client's socket: bytes to nodes and back, with the faults in between. */
export class Connection {
  readonly id: string
  readonly #owner: ConnectionOwner
  readonly #socket: WebSocket
  readonly #noise: NoiseServer
  /** Set by login. */
  party: Party | undefined
  /** Set while an unlinked client shows its QR. */
  registration: Registration | undefined
  /** Takes queued and new stanzas. Before that they wait in the device's queue. */
  live = false
  /** Has said `available`. */
  available = false
  /** Half-open: the socket is there, but nothing passes. */
  silent = false
  /** What the client said it is. */
  version: WebVersion | undefined
  #closed = false
  readonly #held: Record<Direction, BinaryNode[]> = { in: [], out: [] }
  readonly #timers = new Set<unknown>()

  constructor(id: string, socket: WebSocket, noise: NoiseServer, owner: ConnectionOwner) {
    this.id = id
    this.#socket = socket
    this.#noise = noise
    this.#owner = owner
    socket.on('message', (data: Buffer, isBinary) => this.#onBytes(data, isBinary))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#onClose())
  }

  get closed(): boolean {
    return this.#closed
  }

  get number(): string | undefined {
    return this.party?.account.number
  }

  get device(): number | undefined {
    return this.party?.deviceId
  }

  get subject(): { number?: string; device?: number } {
    return this.party ? { number: this.party.account.number, device: this.party.deviceId } : {}
  }

  send(stanza: BinaryNode): void {
    this.#pass('out', stanza)
  }

  /** Announces the end as WhatsApp does; nothing more is read. The client may close, and the server does soon after. */
  close(cause: CloseCause): void {
    if (this.#closed) return
    if ('reason' in cause && cause.reason === 'kill') {
      this.kill()
      return
    }
    const farewell = closingNode(cause)
    if (!farewell || !this.#noise.established) {
      this.#finish(() => this.#socket.close(1000))
      return
    }
    this.#log('out', farewell)
    this.#transmit(farewell)
    this.#finish(() => this.#closeAfterClient())
  }

  /** Refuses a login: `<failure reason>`, then the end. */
  fail(attributes: Record<string, string>): void {
    this.send(node('failure', { location: 'sim', ...attributes }))
    this.#finish(() => this.#closeAfterClient())
  }

  kill(): void {
    this.#finish(() => this.#socket.terminate())
  }

  /** Bytes in a frame that decrypts, but need not be a node. */
  sendPlaintext(plaintext: Uint8Array): void {
    if (this.#closed || this.silent || !this.#noise.established) return
    this.#socket.send(this.#noise.seal(plaintext))
  }

  /** Bytes as they are: a frame that does not even decrypt. */
  sendRaw(bytes: Uint8Array): void {
    if (!this.#closed && !this.silent) this.#socket.send(bytes)
  }

  #closeAfterClient(): void {
    const { clock } = this.#owner
    const timer = clock.setTimeout(() => this.#socket.close(1000), FAREWELL_MS)
    this.#socket.once('close', () => clock.clearTimeout(timer))
  }

  #finish(endSocket: () => void): void {
    if (this.#closed) return
    endSocket()
    this.#onClose()
  }

  #onClose(): void {
    if (this.#closed) return
    this.#closed = true
    this.live = false
    for (const timer of this.#timers) this.#owner.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#owner.onClosed(this)
  }

  #onBytes(data: Buffer, isBinary: boolean): void {
    if (this.#closed || this.silent) return
    try {
      if (!isBinary) throw new WireError('frame', 'a text message')
      for (const event of this.#noise.receive(data)) {
        if (this.#closed) return
        if (event.type === 'reply') this.#socket.send(event.bytes)
        else if (event.type === 'established') this.#owner.onEstablished(this, event.clientStatic, event.payload)
        else this.#pass('in', decodeNode(event.plaintext))
      }
    } catch (error) {
      this.#onBroken(error)
    }
  }

  /** Whatever a client sends, the simulator and the other connections live on. */
  #onBroken(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (!(error instanceof WireError)) {
      this.#owner.log.recordViolation({ code: 'BAD_STANZA', message, ...this.subject })
      this.close({ code: 500 })
      return
    }
    const code = error.stage === 'handshake' ? 'BAD_HANDSHAKE' : 'BAD_FRAME'
    this.#owner.log.recordViolation({ code, message, ...this.subject })
    if (error.stage === 'handshake') this.kill()
    else this.close({ reason: 'xml-not-well-formed' })
  }

  #pass(direction: Direction, stanza: BinaryNode): void {
    if (this.#closed || this.silent) return
    const action = this.#owner.rules.take(direction, this.subject, stanza)
    if (action) this.#applyFault(direction, stanza, action)
    else this.#proceed(direction, stanza)
  }

  #proceed(direction: Direction, stanza: BinaryNode): void {
    if (this.#closed || this.silent) return
    this.#log(direction, stanza)
    if (direction === 'out') this.#transmit(stanza)
    else this.#owner.onNode(this, stanza)
    for (const held of this.#held[direction].splice(0)) this.#proceed(direction, held)
  }

  #log(direction: Direction, stanza: BinaryNode): void {
    const { log } = this.#owner
    if (log.tapped) log.emit({ direction, connection: this.id, ...this.subject, node: stanza })
  }

  #transmit(stanza: BinaryNode): void {
    this.#socket.send(this.#noise.seal(encodeNode(stanza)))
  }

  #applyFault(direction: Direction, stanza: BinaryNode, action: FaultAction): void {
    switch (action.do) {
      case 'drop':
        return
      case 'delay':
        this.#later(action.delayMs, () => this.#proceed(direction, stanza))
        return
      case 'duplicate':
        for (let left = 1 + (action.copies ?? 1); left > 0; left--) this.#proceed(direction, stanza)
        return
      case 'reorder':
        this.#held[direction].push(stanza)
        return
      case 'corrupt':
        if (action.part === 'frame' && direction === 'out') {
          this.sendPlaintext(truncated(stanza))
          return
        }
        this.#proceed(direction, withBroken(action.part === 'device-identity' ? 'device-identity' : 'enc', stanza))
        return
      case 'error':
        if (direction === 'in') this.#owner.onRefused(this, stanza, action.code, action.text ?? 'fault')
        return
      case 'close':
        this.close(action.cause)
        return
      case 'kill':
        this.kill()
        return
      case 'silence':
        this.silent = true
        return
      case 'replace':
        this.#proceed(direction, action.with(stanza))
        return
    }
  }

  #later(delayMs: number, task: () => void): void {
    const timer = this.#owner.clock.setTimeout(() => {
      this.#timers.delete(timer)
      task()
    }, delayMs)
    this.#timers.add(timer)
  }
}

/** A node cut off in the middle: it decrypts and does not decode. */
const truncated = (stanza: BinaryNode): Buffer => {
  const encoded = encodeNode(stanza)
  return encoded.subarray(0, Math.max(2, encoded.length >> 1))
}

/** One bit is another in the content of every such node. */
function withBroken(tag: string, stanza: BinaryNode): BinaryNode {
  if (stanza.tag === tag && stanza.content instanceof Uint8Array) {
    const content = Buffer.from(stanza.content)
    const middle = content.length >> 1
    content.writeUInt8(content.readUInt8(middle) ^ 1, middle)
    return { ...stanza, content }
  }
  if (!Array.isArray(stanza.content)) return stanza
  return { ...stanza, content: childrenOf(stanza).map((child) => withBroken(tag, child)) }
}
