// One side of http.ts: a server with one session, which whoever is signed in may read.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ensureAdmin } from '@trunkline/api'
import { createClient } from '@trunkline/client'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import express, { type RequestHandler } from 'express'
import { jwtVerify, SignJWT } from 'jose'
import { pino } from 'pino'

const SECRET = 'a-secret-of-at-least-thirty-two-bytes!'
const ADA = { email: 'ada@example.org', password: 'correct horse' }
process.on('disconnect', () => process.exit(1))

const manager = new MultiSessionManager({ store: createMemoryStore(), logger: pino({ level: 'silent' }) })
const session = await manager.create({ id: 'shop', label: 'Shop', metadata: { team: 'sales' }, start: false })

const app = express()
app.disable('x-powered-by')
const http = createServer(app as RequestListener)
const listening = new Promise<string>((resolve) =>
  http.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)),
)

const token = process.argv[2] === 'bare' ? await bare() : await trunkline()
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.send?.({ url: await listening, token })

/** As people write it: a token is checked, the session looked up, and answered. */
async function bare(): Promise<string> {
  const secret = new TextEncoder().encode(SECRET)
  const claims = { issuer: 'bare', audience: 'bare' }
  const sessions = new Map([[session.id, session]])
  const users = new Map([['ada', { id: 'ada', disabled: false }]])
  const signedIn: RequestHandler = async (request, response, next) => {
    const [, given = ''] = request.headers.authorization?.split(' ') ?? []
    const verified = await jwtVerify(given, secret, { ...claims, algorithms: ['HS256'] }).catch(() => undefined)
    const user = users.get(verified?.payload.sub ?? '')
    if (!user || user.disabled) return void response.status(401).json({ code: 'UNAUTHENTICATED' })
    next()
  }
  app.get('/api/sessions/:id', signedIn, (request, response) => {
    const found = sessions.get(String(request.params.id))
    if (found) response.json(found)
    else response.status(404).json({ code: 'SESSION_NOT_FOUND' })
  })
  const signed = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ada').setIssuedAt()
  return await signed.setIssuer('bare').setAudience('bare').setExpirationTime('1h').sign(secret)
}

async function trunkline(): Promise<string> {
  await ensureAdmin(manager.store.users, { name: 'Ada', ...ADA })
  app.use('/api', createExpressAdapter(manager, { jwtSecret: SECRET }))
  const { accessToken } = await createClient({ baseUrl: `${await listening}/api` }).auth.login(ADA)
  return accessToken
}
