import type { Simulator, TappedStanza } from '@trunkline/simulator'
import { WireTap } from '../../packages/signal/test/parties.js'

type Stanza = TappedStanza['node']

/** Watches that no account encrypts twice under one message key, over all of its lives. */
export class WireWatch {
  readonly #taps = new Map<string, WireTap>()
  readonly #reused = new Map<string, string[]>()

  constructor(simulator: Simulator) {
    simulator.tap(({ direction, number, node }) => {
      if (direction === 'in' && number && node.tag === 'message') this.#watch(number, node)
    })
  }

  reusedBy(number: string): readonly string[] {
    return this.#reused.get(number) ?? []
  }

  #watch(number: string, message: Stanza): void {
    const tap = this.#taps.get(number) ?? new WireTap()
    this.#taps.set(number, tap)
    for (const { attrs, content } of encryptedPartsOf(message)) {
      const ciphertext = content as Uint8Array
      try {
        if (attrs.type === 'skmsg') tap.group(ciphertext)
        else if (attrs.type === 'msg' || attrs.type === 'pkmsg') tap.oneToOne({ type: attrs.type, ciphertext })
      } catch (error) {
        this.#reused.set(number, [...this.reusedBy(number), String(error)])
      }
    }
  }
}

function encryptedPartsOf(stanza: Stanza): Stanza[] {
  if (stanza.tag === 'enc') return [stanza]
  return Array.isArray(stanza.content) ? stanza.content.flatMap(encryptedPartsOf) : []
}
