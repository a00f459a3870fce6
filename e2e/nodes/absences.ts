import type { EventOf } from '@trunkline/core'
import { expect, vi } from 'vitest'
import type { ServerNode } from './installation.js'

const PATIENCE = { timeout: 60_000, interval: 20 }

/** How long each session was not connected, as a client of this node hears it. */
export class Absences {
  readonly #since = new Map<string, number>()
  readonly lasted = new Map<string, number>()
  readonly #stop: () => void

  private constructor({ client }: ServerNode) {
    this.#stop = client.events.on('session.status', (event: EventOf<'session.status'>) => this.#hear(event))
  }

  /** From now on. */
  static async of(node: ServerNode): Promise<Absences> {
    const absences = new Absences(node)
    await vi.waitFor(() => expect(node.client.events.state.status).toBe('open'), PATIENCE)
    return absences
  }

  end(): string {
    this.#stop()
    const sorted = [...this.lasted.values()].sort((left, right) => left - right)
    const inSeconds = (ms = 0) => (ms / 1_000).toFixed(1)
    return `${sorted.length} away, ${inSeconds(sorted[Math.floor(sorted.length / 2)])} s, ${inSeconds(sorted.at(-1))} s at worst`
  }

  #hear({ sessionId, status }: EventOf<'session.status'>): void {
    const since = this.#since.get(sessionId)
    if (status !== 'connected') this.#since.set(sessionId, since ?? performance.now())
    else if (since !== undefined) {
      this.lasted.set(sessionId, performance.now() - since)
      this.#since.delete(sessionId)
    }
  }
}
