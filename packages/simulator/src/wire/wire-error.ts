/** The bytes of a client cannot be understood: the connection ends, nothing else does. */
export class WireError extends Error {
  /** `handshake`: before the transport is up, so nothing can be answered. `frame`: answered by `xml-not-well-formed`. */
  readonly stage: 'handshake' | 'frame'

  constructor(stage: 'handshake' | 'frame', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'WireError'
    this.stage = stage
  }
}
