import type { BinaryNode } from '../wire/node.js'

/** What the server needs of a phone: it takes stanzas like any device. */
export interface PhoneEndpoint {
  receive(stanza: BinaryNode): void
  /** A device has logged in for the first time. */
  bootstrap(deviceId: number): void
}
