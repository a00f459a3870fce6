// Trunkline in a Fastify app: in a scope of its own, whose bodies Fastify leaves alone.
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import fastify from 'fastify'

const manager = new MultiSessionManager({ store: createMemoryStore() })
const api = createExpressAdapter(manager, { jwtSecret: process.env.JWT_SECRET })
const app = fastify()

app.get('/', async () => ({ app: 'mine' }))
app.register(async (scope) => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _body, done) => done(null))
  scope.all('/api/*', ({ raw, ip }, reply) => {
    reply.hijack()
    Object.assign(raw, { ip, baseUrl: '/api', url: raw.url.slice('/api'.length) })
    api(raw, reply.raw, () => reply.raw.destroy())
  })
})
app.addHook('onClose', () => manager.close())

await manager.start()
await app.listen({ port: Number(process.env.PORT ?? 5000), host: '127.0.0.1' })
console.log(`port ${app.server.address().port}`)
process.once('SIGTERM', () => app.close())
