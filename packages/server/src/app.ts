import { createAuthenticator, problemResponse, readiness } from '@trunkline/api'
import { type MultiSessionManager, TrunklineError } from '@trunkline/core'
import { dashboard } from '@trunkline/dashboard'
import { createExpressAdapter } from '@trunkline/express-adapter'
import cors from 'cors'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import type { Configuration } from './environment.js'
import { requestLog } from './log.js'
import type { Metrics } from './metrics.js'
import { measureRequests, showMetrics } from './metrics-routes.js'
import { malformed, namesHost } from './parser-errors.js'
import { limitRequests } from './request-limits.js'

export interface AppOptions {
  configuration: Configuration
  logger: Logger
  /** Rejects when the store does not take writes: the server is not ready then. */
  checkWrites(): Promise<void>
  /** Whether the server is going down: it is not ready then, and ends connections with their answers. */
  isClosing(): boolean
  /** Left out where there are none. */
  metrics?: Metrics
}

/** The Express app of the server: an example of a host. */
export function createApp(
  manager: MultiSessionManager,
  { configuration, logger, checkWrites, isClosing, metrics }: AppOptions,
): Express {
  const { TRUST_PROXY, CORS_ORIGIN, JWT_SECRET, RATE_LIMIT, RATE_LIMIT_ADDRESS, METRICS_TOKEN } = configuration
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', TRUST_PROXY)
  app.use((_request, response, next) => {
    if (isClosing()) response.setHeader('connection', 'close')
    next()
  })
  app.use(requestLog(logger), securityHeaders())
  if (metrics) app.use(measureRequests(metrics))
  app.use((request, response, next) => {
    if (namesHost(request)) next()
    else answer(response, malformed('has no Host header'))
  })
  if (TRUST_PROXY === false) app.use(warnOfProxy(logger))
  // Pages that are named may keep the refresh token in a cookie.
  const credentials = CORS_ORIGIN !== '*'
  if (CORS_ORIGIN) app.use(cors({ origin: CORS_ORIGIN, exposedHeaders: EXPOSED_HEADERS, credentials }))

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
  app.get('/', (request, response) => {
    // People are taken to the page, programs are told where things are.
    if (request.accepts(['json', 'html']) === 'html') response.redirect('/admin/')
    else response.json(LANDING)
  })
  app.use('/admin', dashboard({ apiUrl: '/api', socketPath: '/socket.io' }))
  const login = { jwtSecret: JWT_SECRET, allowShortSecret: true }
  if (metrics) {
    const authenticator = createAuthenticator(manager.store, login)
    app.get('/metrics', showMetrics(metrics, { token: METRICS_TOKEN, authenticator }))
  }
  for (const limit of limitRequests({ perCaller: RATE_LIMIT, perAddress: RATE_LIMIT_ADDRESS })) app.use('/api', limit)
  app.use('/api', createExpressAdapter(manager, { ...login, logger }))

  app.use((_request, response) => answer(response, new TrunklineError('ROUTE_NOT_FOUND')))
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (!TrunklineError.is(error)) logger.error({ err: error, requestId: idOf(response) }, 'A request failed')
    answer(response, error)
  })
  return app
}

/**
 * Fit for plain http on a local network too: nothing tells a browser to ask by https instead, but where the request came by it (TLS
 * ends at a proxy, and TRUST_PROXY says so).
 */
function securityHeaders(): RequestHandler {
  const contentSecurityPolicy = { directives: { 'upgrade-insecure-requests': null } }
  const plain = helmet({ contentSecurityPolicy, strictTransportSecurity: false })
  const secure = helmet({ contentSecurityPolicy })
  return (request, response, next) => (request.secure ? secure : plain)(request, response, next)
}

/** What pages of other origins may read of an answer. */
const EXPOSED_HEADERS = ['Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id']

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
    page: { method: 'GET', href: '/admin/' },
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
  const problem = problemResponse(error, { requestId: idOf(response) })
  const body = String(problem.body)
  response.writeHead(problem.status, { ...problem.headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** As the log has it. */
function idOf(response: Response): string | undefined {
  const id = response.getHeader('x-request-id')
  return typeof id === 'string' ? id : undefined
}
