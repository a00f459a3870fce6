import type { MediaShelf } from '../model/media-shelf.js'
import type { AccountState } from '../model/state.js'
import type { Party, World } from '../model/world.js'
import type { SimulatorClock } from '../util/clock.js'
import type { Random } from '../util/random.js'
import type { BinaryNode } from '../wire/node.js'
import type { Connection } from './connection.js'
import type { CodeRequests } from './linking/code-requests.js'
import type { QrRefs } from './linking/qr-refs.js'
import type { PresenceBook } from './presence-book.js'
import type { StanzaLog } from './stanza-log.js'

/** What functions over the server may use of it: pairing, routing, handlers, and the phones. */
export interface ServerContext {
  readonly world: World
  readonly clock: SimulatorClock
  readonly log: StanzaLog
  readonly qrRefs: QrRefs
  readonly codeRequests: CodeRequests
  readonly presence: PresenceBook
  /** What lies on the media hosts. */
  readonly media: MediaShelf
  /** A stream of random bytes that differs after each restore. */
  stream(label: string): Random
  randomBytes(length: number): Buffer
  /** An id for a stanza of the server. Clients number theirs `<u16>.<u16>-<n>`, so the two never meet. */
  nextId(): string
  /** The time as WhatsApp writes it in `t` attributes. */
  seconds(): string
  /** Something that a snapshot holds has changed. */
  changed(): void
  /** To a phone at once; to a companion by its queue, where it stays until the companion confirms it. */
  deliver(party: Party, stanza: BinaryNode): void
  /** A notification of the server for one companion. */
  notify(party: Party, type: string, from: string, content: BinaryNode[], attributes?: Record<string, string>): void
  connectionOf(party: Party): Connection | undefined
  connectionsOf(account: AccountState): Connection[]
  /** The client is ready for what has gathered: the queue with its end marker, then everything live. */
  goLive(connection: Connection): void
}
