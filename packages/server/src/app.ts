import { problemResponse, readiness } from '@trunkline/api'
import { type MultiSessionManager, TrunklineError } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import cors from 'cors'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import type { Configuration } from './environment.js'
import { requestLog } from './log.js'
import { malformed, namesHost } from './parser-errors.js'

export interface AppOptions {
  configuration: Configuration
  logger: Logger
  /** Rejects when the store does not take writes: the server is not ready then. */
  checkWrites(): Promise<void>
  /** Whether the server is going down: it is not ready then, and ends connections with their answers. */
  isClosing(): boolean
}

/** The Express app of the server: an example of a host. */
export function createApp(
  manager: MultiSessionManager,
  { configuration, logger, checkWrites, isClosing }: AppOptions,
): Express {
  const { TRUST_PROXY, CORS_ORIGIN, JWT_SECRET } = configuration
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', TRUST_PROXY)
  app.use((_request, response, next) => {
    if (isClosing()) response.setHeader('connection', 'close')
    next()
  })
  app.use(requestLog(logger), helmet())
  app.use((request, response, next) => {
    if (namesHost(request)) next()
    else answer(response, malformed('has no Host header'))
  })
  if (TRUST_PROXY === false) app.use(warnOfProxy(logger))
  if (CORS_ORIGIN) app.use(cors({ origin: CORS_ORIGIN, exposedHeaders: ['Retry-After'] }))

  app.get('/healthz', (_request, response) => void response.json({ status: 'live' }))
  app.get('/readyz', async (_request, response) => {
    if (isClosing()) return void response.status(503).json({ status: 'not_ready', reason: 'The server is going down' })
    const { status, body } = await readiness({
      async health() {
        await checkWrites()
        return manager.store.health()
      },
    })
    response.status(status).json(body)
  })
  app.get('/', (_request, response) => void response.json(LANDING))
  app.use('/api', createExpressAdapter(manager, { jwtSecret: JWT_SECRET, allowShortSecret: true, logger }))

  app.use((_request, response) => answer(response, new TrunklineError('ROUTE_NOT_FOUND')))
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    logger.error({ err: error }, 'A request failed')
    answer(response, error)
  })
  return app
}

/** Without trust, all who come through a proxy share its address: their failed logins are counted together. */
function warnOfProxy(logger: Logger): RequestHandler {
  let warned = false
  return ({ headers }, _response, next) => {
    if (!warned && headers['x-forwarded-for'] !== undefined) {
      warned = true
      logger.warn({}, 'Requests come with X-Forwarded-For, which is passed over: TRUST_PROXY is not set')
    }
    next()
  }
}

const LANDING = {
  name: 'trunkline',
  version: packageJson.version,
  links: {
    login: { method: 'POST', href: '/api/auth/login' },
    sessions: { method: 'GET', href: '/api/sessions' },
    version: { method: 'GET', href: '/api/version' },
    live: { method: 'GET', href: '/healthz' },
    ready: { method: 'GET', href: '/readyz' },
    events: { protocol: 'socket.io', href: '/socket.io/' },
  },
}

function answer(response: Response, error: unknown): void {
  if (response.headersSent) return
  const problem = problemResponse(error)
  response.status(problem.status).set(problem.headers).send(problem.body)
}
