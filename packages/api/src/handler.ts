import type { BodyOf, HeadersOf, ParamsOf, QueryOf, ResultOf, ROUTES, RouteName } from '@trunkline/contract'
import type { MultiSessionManager } from '@trunkline/core'
import type { Deed } from './audit/audit-entry.js'
import type { Headers, Principal } from './auth/authenticator.js'
import type { ByteSource } from './byte-source.js'
import type { Upload } from './upload.js'

/** What the handlers use of a manager. */
export type Manager = Pick<
  MultiSessionManager,
  | 'chat'
  | 'chats'
  | 'cleanup'
  | 'cleanupInactive'
  | 'create'
  | 'delete'
  | 'details'
  | 'events'
  | 'get'
  | 'healthCheck'
  | 'healthReport'
  | 'list'
  | 'logoutSession'
  | 'maintenance'
  | 'maintenanceChanges'
  | 'message'
  | 'messages'
  | 'nodes'
  | 'qr'
  | 'queues'
  | 'requestPairingCode'
  | 'resetAttempts'
  | 'restartSession'
  | 'runMaintenance'
  | 'send'
  | 'session'
  | 'startSession'
  | 'stats'
  | 'stopSession'
  | 'store'
  | 'traffic'
  | 'update'
  | 'updateMaintenance'
  | 'webhooks'
>

/** One request after everything about it was checked. */
export interface Call<Name extends RouteName> {
  params: ParamsOf<Name>
  query: QueryOf<Name>
  body: BodyOf<Name>
  /** Of a route that takes bytes, or a form with a file, when they came. */
  upload?: Upload
  principal: (typeof ROUTES)[Name]['access'] extends 'public' ? undefined : Principal
  /** The headers that the route declares. */
  headerFields: HeadersOf<Name>
  headers: Headers
  /** The media type to answer with, among those the route produces. */
  mediaType: string
  basePath?: string
  ip?: string
  secure?: boolean
  /** For the audit log: who it is about, where nobody has signed in yet. */
  note(facts: NonNullable<Deed['noted']>): void
  signal?: AbortSignal
}

type Responses<Name extends RouteName> = (typeof ROUTES)[Name]['responses'][keyof (typeof ROUTES)[Name]['responses']]

/** What the route's schema says, bytes of another media type that the route has, or something to read from. */
export type Answer<Name extends RouteName> =
  | (ResultOf<Name> & { headers?: Readonly<Record<string, string>> })
  | (Responses<Name> extends { bytes: readonly string[] }
      ? { status: 200; content: string | Uint8Array; headers?: Readonly<Record<string, string>> }
      : never)
  | (Responses<Name> extends { stream: readonly string[] } ? { source: ByteSource } : never)

export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Answer<Name>>
