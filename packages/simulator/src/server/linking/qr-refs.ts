import type { Connection } from '../connection.js'

/** Which connection shows which QR, by the opaque text in it. */
export class QrRefs {
  readonly #open = new Map<string, Connection>()
  /** Of connections that have ended, to tell an expired QR from an unknown one. */
  readonly #expired = new Set<string>()

  open(refs: readonly string[], connection: Connection): void {
    for (const ref of refs) this.#open.set(ref, connection)
  }

  expire(refs: readonly string[]): void {
    for (const ref of refs) {
      this.#open.delete(ref)
      this.#expired.add(ref)
    }
  }

  connectionOf(ref: string): Connection | undefined {
    return this.#open.get(ref)
  }

  isExpired(ref: string): boolean {
    return this.#expired.has(ref)
  }
}
