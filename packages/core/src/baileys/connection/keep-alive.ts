import type { Clock } from '../../ports/clock.js'

/** One connection, to whoever keeps it alive. */
export interface Line {
  /** Asks the server for a sign of life. */
  ping(): void
  /** The server has said nothing for too long. */
  lost(): void
}

/** A line that is kept alive. */
export interface KeptLine {
  /** The server has said something, whatever it was. */
  heard(): void
  end(): void
}

export interface KeepAliveOptions {
  clock: Clock
  /** Each connection is asked once in this time. */
  intervalMs: number
}

/** How often in an interval it is looked after all. A connection is asked for the first time up to one look too early. */
const LOOKS = 6
/** What a server may take to answer. */
const GRACE_MS = 5_000
/** So many are asked in one turn of the event loop; what has come meanwhile goes first. */
const TOGETHER = 16

interface Watched extends Line {
  looksUntilPing: number
  silentLooks: number
}

/**
 * Keeps the connections of a manager alive, with one timer for all, and in the place of Baileys, which has one for each: an idle account
 * does nothing else, and asking some of them one after the other costs half of asking each at a time of its own. Baileys' ping is also a
 * query, with a promise, a timer and an error; here whatever the server says is its answer.
 *
 * Silence is counted in looks: a process that was stopped, or busy, for a minute has heard nothing because it did not listen.
 */
export class KeepAlive {
  readonly #clock: Clock
  readonly #lookMs: number
  readonly #silentLooks: number
  readonly #lines = new Set<Watched>()
  #cancel: (() => void) | undefined

  constructor({ clock, intervalMs }: KeepAliveOptions) {
    this.#clock = clock
    this.#lookMs = intervalMs / LOOKS
    this.#silentLooks = Math.ceil((intervalMs + GRACE_MS) / this.#lookMs)
  }

  /** From now on, until it is ended or lost. */
  watch({ ping, lost }: Line): KeptLine {
    const line: Watched = { ping, lost, looksUntilPing: LOOKS, silentLooks: 0 }
    this.#lines.add(line)
    this.#cancel ??= this.#clock.setTimeout(() => this.#look(), this.#lookMs)
    return {
      heard() {
        line.silentLooks = 0
      },
      end: () => this.#forget(line),
    }
  }

  #look(): void {
    this.#cancel = this.#clock.setTimeout(() => this.#look(), this.#lookMs)
    const due: Watched[] = []
    for (const line of this.#lines) {
      line.silentLooks += 1
      line.looksUntilPing -= 1
      if (line.silentLooks > this.#silentLooks) {
        this.#forget(line)
        line.lost()
      } else if (line.looksUntilPing <= 0) {
        line.looksUntilPing = LOOKS
        due.push(line)
      }
    }
    this.#ping(due)
  }

  #ping(due: Watched[]): void {
    for (const line of due.splice(0, TOGETHER)) if (this.#lines.has(line)) line.ping()
    if (due.length > 0) this.#clock.setTimeout(() => this.#ping(due), 0)
  }

  #forget(line: Watched): void {
    this.#lines.delete(line)
    if (this.#lines.size > 0) return
    this.#cancel?.()
    this.#cancel = undefined
  }
}
