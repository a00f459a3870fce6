import { WireError } from './wire-error.js'

/** "WA", protocol 6, token dictionary 3: the first bytes of every connection. */
export const WA_HEADER = Buffer.from([0x57, 0x41, 6, 3])

const ROUTING_PREFIX = Buffer.from([0x45, 0x44, 0, 1]) // "ED", then the length of the routing info in 3 bytes
const LENGTH_BYTES = 3
const MAX_ROUTING_BYTES = 4096

/**
 * Cuts the byte stream of a client into frames: an optional routing intro and the header once, then 3-byte lengths.
 * A frame may span WebSocket messages or share one.
 */
export class FrameReader {
  #buffered = Buffer.alloc(0)
  #introRead = false
  /** What the client sent before its header, if it was told an edge routing earlier. */
  routingInfo: Buffer | undefined

  /** Frames completed by these bytes. Throws a {@link WireError} when the intro is not WhatsApp's. */
  push(bytes: Uint8Array): Buffer[] {
    this.#buffered = this.#buffered.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#buffered, bytes])
    if (!this.#introRead && !this.#readIntro()) return []

    const frames: Buffer[] = []
    for (;;) {
      if (this.#buffered.length < LENGTH_BYTES) return frames
      const end = LENGTH_BYTES + this.#buffered.readUIntBE(0, LENGTH_BYTES)
      if (this.#buffered.length < end) return frames
      frames.push(this.#buffered.subarray(LENGTH_BYTES, end))
      this.#buffered = this.#buffered.subarray(end)
    }
  }

  #readIntro(): boolean {
    const routing = this.#routingLength()
    if (routing === undefined) return false
    const start = routing === 0 ? 0 : ROUTING_PREFIX.length + LENGTH_BYTES + routing
    const header = this.#buffered.subarray(start, start + WA_HEADER.length)
    if (!WA_HEADER.subarray(0, header.length).equals(header)) throw new WireError('handshake', 'not a WhatsApp header')
    if (header.length < WA_HEADER.length) return false
    if (routing > 0) this.routingInfo = Buffer.from(this.#buffered.subarray(start - routing, start))
    this.#buffered = this.#buffered.subarray(start + WA_HEADER.length)
    this.#introRead = true
    return true
  }

  /** 0 without a routing intro, `undefined` while too few bytes are there to tell. */
  #routingLength(): number | undefined {
    const head = this.#buffered.subarray(0, ROUTING_PREFIX.length)
    if (head.length === 0) return undefined
    if (!ROUTING_PREFIX.subarray(0, head.length).equals(head)) return 0
    if (this.#buffered.length < ROUTING_PREFIX.length + LENGTH_BYTES) return undefined
    const length = this.#buffered.readUIntBE(ROUTING_PREFIX.length, LENGTH_BYTES)
    if (length === 0 || length > MAX_ROUTING_BYTES) throw new WireError('handshake', `routing info of ${length} bytes`)
    return length
  }
}

/** A payload with its 3-byte length in front. */
export function frame(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUIntBE(payload.length, 0, LENGTH_BYTES)
  return Buffer.concat([length, payload])
}
