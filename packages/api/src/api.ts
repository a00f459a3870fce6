import { AREAS, type Area, ROUTES, type RouteName } from '@trunkline/contract'
import { type Clock, type Logger, systemClock } from '@trunkline/core'
import type { Store } from '@trunkline/core/store'
import { AuditTrail } from './audit/audit-trail.js'
import type { Authenticator } from './auth/authenticator.js'
import { checkApiOptions, checkAuthOptions, checkManager } from './auth/check-auth-options.js'
import { type LoginOptions, LoginService } from './auth/login.js'
import { ownUsers } from './auth/own-users.js'
import { type Api, createDispatch } from './dispatch.js'
import type { Handler, Manager } from './handler.js'
import { auditHandlers } from './handlers/audit.js'
import { authHandlers } from './handlers/auth.js'
import { chatActionHandlers } from './handlers/chat-actions.js'
import { chatHandlers } from './handlers/chats.js'
import { contactHandlers } from './handlers/contacts.js'
import { eventHandlers } from './handlers/events.js'
import { groupHandlers } from './handlers/groups.js'
import { keyHandlers } from './handlers/keys.js'
import { labelHandlers } from './handlers/labels.js'
import { mediaHandlers } from './handlers/media.js'
import { messageActionHandlers } from './handlers/message-actions.js'
import { messageHandlers } from './handlers/messages.js'
import { monitoringHandlers } from './handlers/monitoring.js'
import { newsletterHandlers } from './handlers/newsletters.js'
import { nodesHandlers } from './handlers/nodes.js'
import { profileHandlers } from './handlers/profile.js'
import { queueHandlers } from './handlers/queue.js'
import { serviceHandlers } from './handlers/service.js'
import { sessionHandlers } from './handlers/sessions.js'
import { userHandlers } from './handlers/users.js'
import { webhookHandlers } from './handlers/webhooks.js'
import { StoreSilence } from './store-silence.js'

/** Trunkline's own login, or the host's. */
export type AuthOptions =
  | (LoginOptions & { authenticator?: undefined })
  | { authenticator: Authenticator; jwtSecret?: undefined }

export type ApiOptions = AuthOptions & {
  logger?: Logger
  /** The largest JSON body taken, 1 MiB unless given; routes that need no login take 8 KiB. */
  bodyLimitBytes?: number
  clock?: Clock
}

const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024

/** Routes of Trunkline's own login are there only without an `authenticator`. @throws CONFIG_INVALID naming the option that is wrong */
export function createApi(manager: Manager, options: ApiOptions): Api {
  checkManager(manager)
  const authenticator = createAuthenticator(manager.store, options)
  checkApiOptions({ ...options })
  const login = authenticator instanceof LoginService ? ownLoginHandlers(authenticator) : {}
  const { audit, webhooks, cursors, jobs } = manager.store
  const optional = {
    ...login,
    ...(audit ? auditHandlers(audit) : {}),
    ...(webhooks && cursors && jobs ? webhookHandlers(manager) : {}),
  }
  const handlers: Handlers = {
    ...sessionHandlers(manager),
    ...monitoringHandlers(manager),
    ...messageHandlers(manager),
    ...messageActionHandlers(manager),
    ...queueHandlers(manager),
    ...mediaHandlers(manager),
    ...chatHandlers(manager),
    ...chatActionHandlers(manager),
    ...groupHandlers(manager),
    ...contactHandlers(manager),
    ...newsletterHandlers(manager),
    ...nodesHandlers(manager),
    ...labelHandlers(manager),
    ...profileHandlers(manager),
    ...eventHandlers(manager),
    ...optional,
    ...serviceHandlers(() => areasOf(handlers)),
  }
  const clock = options.clock ?? systemClock
  return createDispatch({
    routes: Object.fromEntries(Object.entries(ROUTES).filter(([name]) => name in handlers)),
    handlers,
    authenticator,
    clock,
    silence: new StoreSilence(manager.store, clock),
    bodyLimitBytes: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    ...(options.logger ? { logger: options.logger } : {}),
    ...(audit ? { audit: new AuditTrail(audit, options.logger) } : {}),
  })
}

/** Routes that are not served are not in the document either. */
function areasOf(handlers: object): Record<string, Area> {
  const areas = Object.entries<Area>(AREAS).map(([name, { routes, ...area }]): [string, Area] => [
    name,
    { ...area, routes: Object.fromEntries(Object.entries(routes).filter(([route]) => route in handlers)) },
  ])
  return Object.fromEntries(areas.filter(([, { routes }]) => Object.keys(routes).length > 0))
}

/**
 * The one to give to every mount of the same manager.
 *
 * @throws CONFIG_INVALID for options that are none, or when there is neither an `authenticator` nor a store with users
 */
export function createAuthenticator(
  store: Pick<Store, 'users' | 'apiKeys' | 'attempts'>,
  options: AuthOptions,
): Authenticator {
  checkAuthOptions(options)
  const { apiKeys, attempts } = store
  return options.authenticator ?? new LoginService({ users: ownUsers(store.users), apiKeys, attempts }, options)
}

/** What is there only with Trunkline's own login: a host with its own has its own routes for this. */
function ownLoginHandlers(login: LoginService) {
  const keys = login.apiKeys ? keyHandlers(login.apiKeys) : {}
  return { ...authHandlers(login), ...userHandlers(login.directory), ...keys }
}

/** Areas of the own login, and of what a store may leave out. */
type OptionalArea = 'auth' | 'users' | 'keys' | 'audit' | 'webhooks'

type OptionalRoute = { [Name in OptionalArea]: keyof (typeof AREAS)[Name]['routes'] }[OptionalArea]

/** A route without a handler does not compile. */
type Handlers = { [Name in Exclude<RouteName, OptionalRoute>]: Handler<Name> } & {
  [Name in OptionalRoute]?: Handler<Name>
}
