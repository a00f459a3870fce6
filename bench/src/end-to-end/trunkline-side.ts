import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { pino } from 'pino'
import type { Side, SideListener, SideOptions } from './side.js'

/** How often Trunkline asks each connection for a sign of life: its default. */
const HEALTH_CHECK_MS = 5 * 60_000

/** Trunkline with its defaults, but for the connect throttle. */
export async function createTrunklineSide(options: SideOptions, listener: SideListener): Promise<Side> {
  const own =
    options.store === 'sqlite' && !options.folder ? await mkdtemp(join(tmpdir(), 'trunkline-bench-')) : undefined
  const folder = options.folder ?? own
  const manager = new MultiSessionManager({
    store: folder ? createSqliteStore({ path: join(folder, 'trunkline.db') }) : createMemoryStore(),
    webSocketUrl: options.url,
    certPublicKey: options.rootPublicKey,
    connectsPerSecond: options.connectsPerSecond,
    logger: pino({ level: 'silent' }),
    // Asked for by the bench, see `recurring`, so that it never falls into one idle window and not into the next.
    maintenance: { healthCheckIntervalMs: 24 * 60 * 60_000 },
  })
  const accounts: string[] = []
  manager.on('message', ({ sessionId, message }) => {
    if (message.text) listener.received({ account: sessionId, chat: message.chatId, text: message.text })
  })
  manager.on('connected', ({ sessionId, status }) => {
    if (status === 'connected') listener.connected(sessionId)
    else listener.disconnected(sessionId)
  })
  await manager.start()

  return {
    async link(account, scanQr) {
      accounts.push(account)
      await linkAccount(manager, account, scanQr)
    },

    async send(account, to, text) {
      await manager.send(account, { to, text })
    },

    recurring: {
      intervalMs: HEALTH_CHECK_MS,
      async once() {
        for (const account of accounts) await manager.healthCheck(account)
      },
    },

    async close() {
      await manager.close()
      if (own) await rm(own, { recursive: true })
    },
  }
}

/** Makes a session and resolves once it is connected. */
export async function linkAccount(
  manager: MultiSessionManager,
  account: string,
  scanQr: (qr: string) => Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = manager.onAny((name, event) => {
      if (event.sessionId !== account) return
      if (name === 'qr' && 'qr' in event) void scanQr(String(event.qr)).catch(reject)
      if (name !== 'connected') return
      stop()
      resolve()
    })
    void manager.create({ id: account }).catch(reject)
  })
}
