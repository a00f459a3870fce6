import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ensureAdmin } from '@trunkline/api'
import { createClient } from '@trunkline/client'
import { createMemoryStore, type ManagerOptions, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import { attachSocketioBridge } from '@trunkline/socketio-bridge'
import express from 'express'
import { Server } from 'socket.io'
import type { Tenant } from './tenant.js'

export interface TenantHost {
  url: string
  manager: MultiSessionManager
  close(): Promise<void>
}

/** A product with tenants of its own, with Trunkline inside: each tenant has one session, and a key for that one. */
export async function startTenantHost(options: {
  /** Where WhatsApp is: the real one unless given. */
  whatsapp?: Pick<ManagerOptions, 'webSocketUrl' | 'certPublicKey' | 'qrLifetimeMs'>
  /** The built page. */
  pageFolder: string
  port?: number
}): Promise<TenantHost> {
  const jwtSecret = randomBytes(32).toString('hex')
  const store = createMemoryStore()
  const manager = new MultiSessionManager({ store, ...options.whatsapp })
  const app = express()
  const http = createServer(app)
  app.use('/api', createExpressAdapter(manager, { jwtSecret }))
  const bridge = attachSocketioBridge(new Server(http), manager, { jwtSecret })
  await manager.start()
  await once(http.listen(options.port ?? 0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  const tenant = await newTenant('Ana’s Flowers')
  // In your product: of whoever is signed in.
  app.get('/me', (_request, response) => response.set('cache-control', 'no-store').json(tenant))
  app.use(express.static(options.pageFolder))
  return {
    url,
    manager,
    async close() {
      await bridge.close()
      http.close()
      await manager.close()
      await store.close()
    },
  }

  async function newTenant(name: string): Promise<Tenant> {
    const { id: sessionId } = await manager.create({ label: name, start: false })
    const operator = { email: 'product@shops.example', password: randomBytes(24).toString('hex') }
    await ensureAdmin(store.users, { name: 'This product', ...operator })
    const product = createClient({ baseUrl: `${url}/api` })
    await product.signIn(operator)
    const { key: apiKey } = await product.keys.create({
      name: `The page of ${name}`,
      permissions: [
        'sessions:read',
        'sessions:manage',
        'messages:read',
        'messages:send',
        'chats:manage',
        'contacts:read',
        'events:read',
      ],
      sessionIds: [sessionId],
      expiresAt: new Date(Date.now() + 12 * 3_600_000).toISOString(),
    })
    return { name, sessionId, apiKey }
  }
}
