/** Which requests to the media hosts a fault is about. What is left out matches everything. */
export interface MediaMatch {
  direction?: 'upload' | 'download'
  /** 0 is the first host that clients are told, 1 the second. */
  host?: number
}

export type MediaFault =
  /** Answered by an HTTP status: 404 and 410 stand for a file that is gone. */
  | { do: 'status'; status: number }
  /** One bit of what is sent is another one. */
  | { do: 'corrupt' }
  /** Half of it, then the connection is cut. */
  | { do: 'cut' }
  /** Half of it, then nothing more: the connection stays open. */
  | { do: 'stall' }
  /** Half of it, then the host closes its side and leaves the other one open. */
  | { do: 'half-close' }
  /** Many more bytes than there are. */
  | { do: 'oversize'; extraBytes: number }
  /** Another file in the place of the right one. */
  | { do: 'swap' }

interface Pending {
  match: MediaMatch
  fault: MediaFault
  left: number
}

/** What goes wrong at the media hosts. The first that matches is applied; one that is used up is forgotten. */
export class MediaFaults {
  #pending: Pending[] = []

  add(match: MediaMatch, fault: MediaFault, times = Number.POSITIVE_INFINITY): void {
    this.#pending.push({ match, fault, left: times })
  }

  take(direction: 'upload' | 'download', host: number): MediaFault | undefined {
    const found = this.#pending.find(
      ({ match }) => (match.direction ?? direction) === direction && (match.host ?? host) === host,
    )
    if (!found) return undefined
    found.left -= 1
    this.#pending = this.#pending.filter(({ left }) => left > 0)
    return found.fault
  }

  clear(): void {
    this.#pending = []
  }
}
