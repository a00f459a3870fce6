import type { Client, LiveEventName, ServerToClientEvents } from '@trunkline/client'

type Answer<Method extends (...input: never[]) => unknown> = Awaited<ReturnType<Method>>

/** The shapes of the interface, as its client answers them. */
export type Session = Answer<Client['sessions']['get']>
export type SessionStatus = Session['status']
export type StatusReason = NonNullable<Session['statusReason']>
export type SessionDetails = Answer<Client['sessions']['getDetails']>
export type SessionStats = Answer<Client['sessions']['stats']>
export type TrafficHour = Answer<Client['sessions']['traffic']>['items'][number]
export type QueueLength = Answer<Client['sessions']['queues']>['items'][number]
export type Maintenance = Answer<Client['sessions']['listMaintenance']>
export type MaintenanceStep = Maintenance['items'][number]
export type MaintenanceChanges = NonNullable<Maintenance['changes']>
export type MaintenanceSettingName = keyof MaintenanceChanges['atStart']
export type Chat = Answer<Client['chats']['get']>
export type Contact = Answer<Client['contacts']['get']>
export type CheckedNumber = Answer<Client['contacts']['check']>['items'][number]
export type Group = Answer<Client['groups']['get']>
export type Message = Answer<Client['messages']['get']>
export type Queue = Answer<Client['queue']['get']>
export type QueuedMessage = Answer<Client['queue']['listQueuedMessages']>['items'][number]
export type User = Answer<Client['auth']['me']>
export type Role = User['role']
export type ApiKey = Answer<Client['keys']['list']>['items'][number]
export type Webhook = Answer<Client['webhooks']['get']>
export type Delivery = Answer<Client['webhooks']['redeliver']>
export type Permission = ApiKey['permissions'][number]
export type AuditEntry = Answer<Client['audit']['list']>['items'][number]

/** An event as its listeners get it. */
export type EventOf<Name extends LiveEventName> = Parameters<ServerToClientEvents[Name]>[0]
export type QrEvent = Pick<EventOf<'qr'>, 'qr' | 'attempt' | 'maxAttempts' | 'issuedAt' | 'expiresAt'>
export type PairingCode = Answer<Client['sessions']['requestPairingCode']>
