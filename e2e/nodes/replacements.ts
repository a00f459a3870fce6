import type { Simulator } from '@trunkline/simulator'

/** How often WhatsApp has ended a connection because the same device has opened another: 440, the end of two live sockets. */
export class Replacements {
  readonly #counts = new Map<string, number>()

  constructor(simulator: Simulator) {
    simulator.tap(({ direction, number, node }) => {
      const isReplaced = direction === 'out' && node.tag === 'stream:error' && holds(node.content, 'conflict')
      if (isReplaced && number) this.#counts.set(number, this.count(number) + 1)
    })
  }

  count(number: string): number {
    return this.#counts.get(number) ?? 0
  }

  forget(): void {
    this.#counts.clear()
  }
}

function holds(content: unknown, tag: string): boolean {
  return Array.isArray(content) && content.some((child: { tag?: string }) => child.tag === tag)
}
