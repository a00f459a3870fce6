import type { BodyOf, ParamsOf, QueryOf, ResultOf, ROUTES, RouteName } from '@trunkline/contract'
import type { MultiSessionManager } from '@trunkline/core'
import type { Headers, Principal } from './auth/authenticator.js'

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
  | 'list'
  | 'logoutSession'
  | 'message'
  | 'messages'
  | 'qr'
  | 'requestPairingCode'
  | 'resetAttempts'
  | 'restartSession'
  | 'send'
  | 'startSession'
  | 'stats'
  | 'stopSession'
  | 'store'
  | 'update'
>

/** One request after everything about it was checked. */
export interface Call<Name extends RouteName> {
  params: ParamsOf<Name>
  query: QueryOf<Name>
  body: BodyOf<Name>
  principal: (typeof ROUTES)[Name]['access'] extends 'public' ? undefined : Principal
  headers: Headers
  /** The media type to answer with, among those the route produces. */
  mediaType: string
  ip?: string
  signal?: AbortSignal
}

/** What the route's schema says, or bytes of another media type that the route produces. */
export type Answer<Name extends RouteName> = ResultOf<Name> | { status: 200; content: string | Uint8Array }

export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Answer<Name>>
