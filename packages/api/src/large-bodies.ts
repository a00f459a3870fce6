/** Two of the largest at once: each is in memory as bytes, as text, as JSON and as a file before it is sent. */
const ROOM_BYTES = 64 * 1024 * 1024

interface Waiting {
  bytes: number
  enter(): void
}

/**
 * The room for bodies that are larger than bodies usually are, so that many at once cannot take all memory: who finds no room waits
 * for it, in the order of asking, while the sender's bytes wait in the network.
 */
export class LargeBodies {
  readonly #waiting = new Set<Waiting>()
  readonly #roomBytes: number
  #free: number

  constructor(roomBytes = ROOM_BYTES) {
    this.#roomBytes = roomBytes
    this.#free = roomBytes
  }

  /**
   * Resolves to what gives the room back, which may be called more than once, as soon as there is room for so many bytes.
   * Rejects with the signal's reason when it aborts first.
   */
  async enter(wanted: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    // One that is larger than the room comes in alone.
    const bytes = Math.min(wanted, this.#roomBytes)
    if (this.#waiting.size > 0 || bytes > this.#free) await this.#turn(bytes, signal)
    else this.#free -= bytes
    let isInside = true
    return () => {
      if (!isInside) return
      isInside = false
      this.#free += bytes
      this.#admit()
    }
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiting)
        // The one behind may be smaller.
        this.#admit()
        reject(signal.reason)
      }
      const waiting: Waiting = {
        bytes,
        enter: () => {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(waiting)
    })
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (waiting.bytes > this.#free) return
      this.#waiting.delete(waiting)
      this.#free -= waiting.bytes
      waiting.enter()
    }
  }
}
