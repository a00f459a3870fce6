import type { z } from 'zod'
import type { Area, RequestBody } from '../route.js'
import { AUDIT_ROUTES } from './audit.js'
import { AUTH_ROUTES } from './auth.js'
import { CHATS_ROUTES } from './chats.js'
import { CONTACTS_ROUTES } from './contacts.js'
import { EVENTS_ROUTES } from './events.js'
import { GROUPS_ROUTES } from './groups.js'
import { KEYS_ROUTES } from './keys.js'
import { LABELS_ROUTES } from './labels.js'
import { MESSAGES_ROUTES } from './messages.js'
import { MONITORING_ROUTES } from './monitoring.js'
import { NEWSLETTERS_ROUTES } from './newsletters.js'
import { NODES_ROUTES } from './nodes.js'
import { PROFILE_ROUTES } from './profile.js'
import { QUEUE_ROUTES } from './queue.js'
import { SERVICE_ROUTES } from './service.js'
import { SESSIONS_ROUTES } from './sessions.js'
import { USERS_ROUTES } from './users.js'
import { WEBHOOKS_ROUTES } from './webhooks.js'

/** One part of the interface, and what it is for. */
interface AreaOf<Routes extends Area['routes']> {
  readonly description: string
  readonly routes: Routes
}

/** The parts of the interface: the tags of its document, and the properties of the client. */
export const AREAS: {
  readonly auth: AreaOf<typeof AUTH_ROUTES>
  readonly users: AreaOf<typeof USERS_ROUTES>
  readonly keys: AreaOf<typeof KEYS_ROUTES>
  readonly sessions: AreaOf<typeof SESSIONS_ROUTES & typeof MONITORING_ROUTES>
  readonly messages: AreaOf<typeof MESSAGES_ROUTES>
  readonly queue: AreaOf<typeof QUEUE_ROUTES>
  readonly chats: AreaOf<typeof CHATS_ROUTES>
  readonly groups: AreaOf<typeof GROUPS_ROUTES>
  readonly contacts: AreaOf<typeof CONTACTS_ROUTES>
  readonly newsletters: AreaOf<typeof NEWSLETTERS_ROUTES>
  readonly labels: AreaOf<typeof LABELS_ROUTES>
  readonly profile: AreaOf<typeof PROFILE_ROUTES>
  readonly events: AreaOf<typeof EVENTS_ROUTES>
  readonly webhooks: AreaOf<typeof WEBHOOKS_ROUTES>
  readonly nodes: AreaOf<typeof NODES_ROUTES>
  readonly audit: AreaOf<typeof AUDIT_ROUTES>
  readonly service: AreaOf<typeof SERVICE_ROUTES>
} = {
  auth: { description: 'Signing in and out.', routes: AUTH_ROUTES },
  users: { description: 'People who sign in.', routes: USERS_ROUTES },
  keys: { description: 'Keys that let machines in.', routes: KEYS_ROUTES },
  sessions: {
    description: 'WhatsApp accounts: made, linked, started, stopped, watched and removed.',
    routes: { ...SESSIONS_ROUTES, ...MONITORING_ROUTES },
  },
  messages: { description: 'Messages of a session: sent and read.', routes: MESSAGES_ROUTES },
  queue: { description: 'Messages of a session that wait to be sent.', routes: QUEUE_ROUTES },
  chats: { description: 'Conversations of a session.', routes: CHATS_ROUTES },
  groups: { description: 'Groups of a session, as WhatsApp has them.', routes: GROUPS_ROUTES },
  contacts: { description: 'People: those whom a session knows, and others.', routes: CONTACTS_ROUTES },
  newsletters: { description: 'Channels, as WhatsApp has them.', routes: NEWSLETTERS_ROUTES },
  labels: { description: 'Labels of chats and messages, as phones have them.', routes: LABELS_ROUTES },
  profile: { description: 'What others see of an account.', routes: PROFILE_ROUTES },
  events: { description: 'What happened, by number.', routes: EVENTS_ROUTES },
  webhooks: { description: 'Endpoints that events are sent to.', routes: WEBHOOKS_ROUTES },
  nodes: { description: 'The processes that share the store.', routes: NODES_ROUTES },
  audit: { description: 'Who did what.', routes: AUDIT_ROUTES },
  service: { description: 'What this interface is.', routes: SERVICE_ROUTES },
}

export type AreaName = keyof typeof AREAS

/** All of a union at once. */
type Both<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never

/** The HTTP interface. api and hosts route by this table; the order does not matter, fixed path parts win over parameters. */
export const ROUTES: Both<(typeof AREAS)[AreaName]['routes']> = Object.assign(
  {},
  ...Object.values<Area>(AREAS).map(({ routes }) => routes),
)

export type RouteName = keyof typeof ROUTES

/** The data a route takes, after validation. */
export type ParamsOf<Name extends RouteName> = Parsed<Name, 'params'>
export type QueryOf<Name extends RouteName> = Parsed<Name, 'query'>
export type HeadersOf<Name extends RouteName> = Parsed<Name, 'headers'>
export type BodyOf<Name extends RouteName> = (typeof ROUTES)[Name] extends { body: infer Body extends RequestBody }
  ? FieldsOf<Body>
  : Record<string, never>

/** The fields that a body carries, whichever of its forms it has; a body of bytes alone carries none. */
export type FieldsOf<Body extends RequestBody> =
  | (Body extends { json: infer Schema extends z.ZodType } ? z.output<Schema> : never)
  | (Body extends { form: { fields: infer Schema extends z.ZodType } } ? z.output<Schema> : never)
  | (Body extends { bytes: object } ? Record<string, never> : never)

/** What a route answers as JSON: one `{ status, body }` for each status. */
export type ResultOf<Name extends RouteName> = Name extends RouteName
  ? ResultsOf<(typeof ROUTES)[Name]['responses']>
  : never

type ResultsOf<Responses> = {
  [Status in keyof Responses]: Responses[Status] extends { json: infer Schema extends z.ZodType }
    ? { status: Status; body: z.input<Schema> }
    : { status: Status; body: undefined }
}[keyof Responses]

type Parsed<Name extends RouteName, Part extends 'params' | 'query' | 'headers'> =
  (typeof ROUTES)[Name] extends Record<Part, infer Schema extends z.ZodType> ? z.output<Schema> : Record<string, never>
