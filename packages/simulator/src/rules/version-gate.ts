/** A WhatsApp Web version, such as `[2, 3000, 1035194821]`. */
export type WebVersion = readonly [number, number, number]

/** What the page tells before anybody has said otherwise. */
const FIRST: WebVersion = [2, 3000, 1_035_194_821]

/** Which versions of clients may log in, and which one WhatsApp's own page tells. */
export class VersionGate {
  #minimum: WebVersion | undefined
  /** What the page tells. */
  newest: WebVersion = FIRST

  /** Refuses clients below a version. */
  demand(minimum: WebVersion, newest: WebVersion = minimum): void {
    this.#minimum = minimum
    this.newest = newest
  }

  admits(version: WebVersion): boolean {
    return this.#minimum === undefined || compare(version, this.#minimum) >= 0
  }

  clear(): void {
    this.#minimum = undefined
    this.newest = FIRST
  }
}

function compare(one: WebVersion, other: WebVersion): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2]
}
