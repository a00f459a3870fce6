// Trunkline in a plain server of Node.js: the adapter asks for no framework, only for the URL below its mount.
import { createServer } from 'node:http'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'

const manager = new MultiSessionManager({ store: createMemoryStore() })
const api = createExpressAdapter(manager, { jwtSecret: process.env.JWT_SECRET })

const server = createServer((request, response) => {
  if (!request.url.startsWith('/api/')) return response.end(JSON.stringify({ app: 'mine' }))
  Object.assign(request, { baseUrl: '/api', url: request.url.slice('/api'.length) })
  api(request, response, () => response.destroy())
})

await manager.start()
server.listen(process.env.PORT ?? 5000, '127.0.0.1', () => console.log(`port ${server.address().port}`))
process.once('SIGTERM', () => server.close(() => manager.close()))
