import type { Connector } from '@trunkline/core'
import type { Connection, ConnectionEvent, ConnectOptions } from '@trunkline/core/store'

/** WhatsApp as far as the bridge cares: a test says what each session's connection reports. */
export class ScriptedConnector implements Connector {
  readonly #open = new Map<string, ConnectOptions>()

  connect(options: ConnectOptions): Connection {
    this.#open.set(options.sessionId, options)
    const close = async () => {
      if (!this.#open.delete(options.sessionId)) return
      await options.onEvent({ type: 'close', close: { message: 'closed' } })
    }
    const never = () => Promise.reject(new Error('not in this script'))
    return {
      send: never,
      prepare: () => {
        throw new Error('not in this script')
      },
      lookUp: never,
      requestPairingCode: async () => 'ABCD1234',
      probe: never,
      markRead: never,
      collectKeys: never,
      groupAdmins: never,
      logout: close,
      close,
    }
  }

  /** Resolves when the session has taken the event in. */
  async report(sessionId: string, event: ConnectionEvent): Promise<void> {
    // The connection is opened behind `startSession`.
    while (!this.#open.has(sessionId)) await new Promise((resolve) => setImmediate(resolve))
    await this.#open.get(sessionId)?.onEvent(event)
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
