import type { BinaryNode } from '../wire/node.js'
import { childrenOf } from '../wire/node.js'
import type { CloseCause } from './close-cause.js'

/** Which stanzas a rule is about. What is left out matches everything. */
export interface StanzaMatch {
  /** The account whose connection it is. */
  number?: string
  device?: number
  /** `out`: from the server to the client (default). `in`: from the client. */
  direction?: 'in' | 'out'
  tag?: string
  type?: string
  xmlns?: string
  /** Tag of the first child. */
  child?: string
  id?: string
  /** In process only. */
  where?: (node: BinaryNode) => boolean
}

export type FaultAction =
  | { do: 'drop' }
  | { do: 'delay'; delayMs: number }
  /** Sent or handled `copies` times more (default 1). */
  | { do: 'duplicate'; copies?: number }
  /** Held back until one more stanza has passed in the same direction of the same connection. */
  | { do: 'reorder' }
  /**
   * `ciphertext` (default): one bit of every `enc` is flipped. `device-identity`: of every device identity, so that a
   * pair-success does not verify. `frame`: the frame still decrypts, but is not a node (`out` only).
   */
  | { do: 'corrupt'; part?: 'ciphertext' | 'device-identity' | 'frame' }
  /** Answered by an error instead of being handled: `iq` by an error, `message` by an ack with an error (`in` only). */
  | { do: 'error'; code: number; text?: string }
  | { do: 'close'; cause: CloseCause }
  | { do: 'kill' }
  /** The connection stays open, but from now on nothing passes in either direction. */
  | { do: 'silence' }
  /** In process only. */
  | { do: 'replace'; with: (node: BinaryNode) => BinaryNode }

export interface FaultRule {
  readonly match: StanzaMatch
  readonly action: FaultAction
  /** How often it has been applied. */
  readonly hits: number
  remove(): void
}

interface Subject {
  number?: string
  device?: number
}

interface MutableRule {
  match: StanzaMatch
  action: FaultAction
  hits: number
  left: number
}

/** Pure: does this stanza of this connection fall under the rule? */
function matches(match: StanzaMatch, direction: 'in' | 'out', subject: Subject, node: BinaryNode): boolean {
  return (
    direction === (match.direction ?? 'out') &&
    same(match.number, subject.number) &&
    same(match.device, subject.device) &&
    same(match.tag, node.tag) &&
    same(match.type, node.attrs.type) &&
    same(match.xmlns, node.attrs.xmlns) &&
    same(match.id, node.attrs.id) &&
    same(match.child, childrenOf(node)[0]?.tag) &&
    (match.where?.(node) ?? true)
  )
}

const same = <T>(wanted: T | undefined, actual: T | undefined): boolean => wanted === undefined || wanted === actual

/** The rules in force. The first that matches is applied; a rule that is used up is forgotten. */
export class FaultRules {
  readonly #rules: MutableRule[] = []

  add(match: StanzaMatch, action: FaultAction, times = Number.POSITIVE_INFINITY): FaultRule {
    const rule: MutableRule = { match, action, hits: 0, left: times }
    this.#rules.push(rule)
    return {
      match,
      action,
      get hits() {
        return rule.hits
      },
      remove: () => this.#remove(rule),
    }
  }

  take(direction: 'in' | 'out', subject: Subject, node: BinaryNode): FaultAction | undefined {
    if (this.#rules.length === 0) return undefined
    const rule = this.#rules.find(({ match }) => matches(match, direction, subject, node))
    if (!rule) return undefined
    rule.hits += 1
    rule.left -= 1
    if (rule.left <= 0) this.#remove(rule)
    return rule.action
  }

  clear(): void {
    this.#rules.length = 0
  }

  #remove(rule: MutableRule): void {
    const index = this.#rules.indexOf(rule)
    if (index >= 0) this.#rules.splice(index, 1)
  }
}
