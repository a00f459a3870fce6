// Trunkline in an Express app, 4.21 or 5: before or after `express.json()`.
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import express from 'express'

const manager = new MultiSessionManager({ store: createMemoryStore() })
const app = express()

app.get('/', (_request, response) => response.json({ app: 'mine' }))
app.use('/api', createExpressAdapter(manager, { jwtSecret: process.env.JWT_SECRET }))

await manager.start()
const server = app.listen(process.env.PORT ?? 5000, '127.0.0.1', () => console.log(`port ${server.address().port}`))
process.once('SIGTERM', () => server.close(() => manager.close()))
