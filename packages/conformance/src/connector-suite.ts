import type { Connector, Jid } from '@trunkline/core/store'
import { describe, it } from 'vitest'
import { connectorLifeCases } from './connectors/life.js'
import { connectorMessageCases } from './connectors/messages.js'

/** A WhatsApp with one account and one contact, and a connector that reaches it. Both have only a phone. */
export interface ConnectorBackend {
  connector: Connector
  /** Links the connector's connection to the account, as its owner does with the phone. */
  scanQr(qr: string): Promise<void>
  /** The phone-number JID of the contact. */
  contact: Jid
  /** A phone-number JID that is on nobody's phone. */
  nobody: Jid
  /** The contact writes to the account. */
  write(text: string): Promise<void>
  /** Resolves when the contact's phone shows this text. */
  shown(text: string): Promise<void>
  /** Ends every connection of the account without a word. */
  cut(): Promise<void>
  close(): Promise<void>
}

export interface ConnectorUnderTest {
  name: string
  /** A fresh backend, for one test. */
  backend(): Promise<ConnectorBackend>
}

/** One promise of the connector port, as a test. */
export interface ConnectorCase {
  name: string
  run(backend: ConnectorBackend): Promise<void>
}

export const connectorCases: readonly ConnectorCase[] = [...connectorLifeCases, ...connectorMessageCases]

/** Runs one case on a fresh backend; rejects when the connector breaks the promise. */
export async function runConnectorCase(one: ConnectorCase, subject: ConnectorUnderTest): Promise<void> {
  const backend = await subject.backend()
  try {
    await one.run(backend)
  } finally {
    await backend.close()
  }
}

/**
 * The promises of a `Connector`, as vitest tests. Call it inside a test file, with a WhatsApp that is not the real one behind
 * the connector:
 *
 *     connectorSuite({ name: 'mine', backend: async () => ({ connector: createMyConnector(), … }) })
 */
export function connectorSuite(subject: ConnectorUnderTest): void {
  describe(`${subject.name}: connector`, () => {
    for (const one of connectorCases) it(one.name, () => runConnectorCase(one, subject), TIMEOUT_MS)
  })
}

const TIMEOUT_MS = 60_000
