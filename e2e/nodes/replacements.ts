import type { Simulator } from '@trunkline/simulator'

/** How often WhatsApp has ended a connection because the same device has opened another: 440, the end of two live sockets. */
export class Replacements {
  readonly #counts = new Map<string, number>()
  /** The connection of each number on which something was told last, and those that came before it. */
  readonly #newest = new Map<string, { connection: string; before: Set<string> }>()
  #stale = 0

  constructor(simulator: Simulator) {
    simulator.tap(({ direction, connection, number, node }) => {
      if (!number) return
      const isReplaced = direction === 'out' && node.tag === 'stream:error' && holds(node.content, 'conflict')
      if (isReplaced) this.#counts.set(number, this.count(number) + 1)
      if (direction === 'in') this.#told(number, connection)
    })
  }

  /** How much was told on connections that a newer one of the same number had followed. */
  get stale(): number {
    return this.#stale
  }

  count(number: string): number {
    return this.#counts.get(number) ?? 0
  }

  forget(): void {
    this.#counts.clear()
    this.#stale = 0
  }

  #told(number: string, connection: string): void {
    const newest = this.#newest.get(number) ?? { connection, before: new Set() }
    this.#newest.set(number, newest)
    if (newest.before.has(connection)) this.#stale += 1
    else if (newest.connection !== connection) {
      newest.before.add(newest.connection)
      newest.connection = connection
    }
  }
}

function holds(content: unknown, tag: string): boolean {
  return Array.isArray(content) && content.some((child: { tag?: string }) => child.tag === tag)
}
