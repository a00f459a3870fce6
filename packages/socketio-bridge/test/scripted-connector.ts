import { ScriptedConnector as ConformanceConnector } from '@trunkline/conformance/testing'
import type { ConnectionEvent } from '@trunkline/core/store'

/** WhatsApp as far as the bridge cares: a test says what each session's connection reports. */
export class ScriptedConnector extends ConformanceConnector {
  /** Resolves when the session has taken the event in. */
  async report(sessionId: string, event: ConnectionEvent): Promise<void> {
    const of = () => this.open.find(({ options }) => options.sessionId === sessionId)
    // The connection is opened behind `startSession`.
    while (!of()) await new Promise((resolve) => setImmediate(resolve))
    await of()?.emit(event)
  }

  showQr(sessionId: string, qr: string): Promise<void> {
    return this.report(sessionId, {
      type: 'qr',
      qr,
      attempt: 1,
      maxAttempts: 5,
      lifetimeMs: 60_000,
      remainingMs: 140_000,
    })
  }
}
