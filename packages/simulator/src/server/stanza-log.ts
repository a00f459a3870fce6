import type { BinaryNode } from '../wire/node.js'

/** Something a client did that no handler knows. The tests of a client assert that there is none. */
export interface UnhandledStanza {
  /** `xmlns/type/first child` of a query, the tag of anything else. */
  key: string
  number?: string
  device?: number
  node: BinaryNode
}

/** Something a client did against the protocol. */
export interface Violation {
  code:
    | 'BAD_DEVICE_SIGNATURE'
    | 'BAD_FRAME'
    | 'BAD_HANDSHAKE'
    | 'BAD_PAYLOAD'
    | 'BAD_SIGNED_PRE_KEY'
    | 'BAD_STANZA'
    | 'DEVICE_IDENTITY_MISSING'
    | 'KEY_INDEX_MISSING'
    | 'NOISE_KEY_MISMATCH'
  message: string
  number?: string
  device?: number
}

/** One decoded stanza on the wire. `in` comes from a client, `out` goes to it. */
export interface TappedStanza {
  direction: 'in' | 'out'
  connection: string
  number?: string
  device?: number
  node: BinaryNode
}

const MAX_RECORDS = 1_000

export class StanzaLog {
  readonly unhandled: UnhandledStanza[] = []
  readonly violations: Violation[] = []
  readonly #taps = new Set<(stanza: TappedStanza) => void>()

  recordUnhandled(record: UnhandledStanza): void {
    if (this.unhandled.length < MAX_RECORDS) this.unhandled.push(record)
  }

  recordViolation(record: Violation): void {
    if (this.violations.length < MAX_RECORDS) this.violations.push(record)
  }

  tap(listener: (stanza: TappedStanza) => void): () => void {
    this.#taps.add(listener)
    return () => this.#taps.delete(listener)
  }

  get tapped(): boolean {
    return this.#taps.size > 0
  }

  emit(stanza: TappedStanza): void {
    for (const listener of this.#taps) listener(stanza)
  }
}
