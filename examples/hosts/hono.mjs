// Trunkline in a Hono app on Node.js: the adapter gets the request as Node.js has it, before Hono reads its body.
import { serve } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import { Hono } from 'hono'

const manager = new MultiSessionManager({ store: createMemoryStore() })
const api = createExpressAdapter(manager, { jwtSecret: process.env.JWT_SECRET })
const app = new Hono()

app.get('/', (context) => context.json({ app: 'mine' }))
app.all('/api/*', ({ env: { incoming, outgoing } }) => {
  Object.assign(incoming, { baseUrl: '/api', url: incoming.url.slice('/api'.length) })
  api(incoming, outgoing, () => outgoing.destroy())
  return RESPONSE_ALREADY_SENT
})

await manager.start()
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000), hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`port ${port}`),
)
process.once('SIGTERM', () => server.close(() => manager.close()))
