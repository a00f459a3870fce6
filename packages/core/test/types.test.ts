import { describe, expectTypeOf, it } from 'vitest'
import type {
  DetailsOf,
  ErrorCode,
  EventEnvelope,
  EventName,
  EventOf,
  EventPayloads,
  LoggedEvent,
  ManagerOptions,
  Message,
  MultiSessionManager,
  Qr,
  StatusChange,
  Store,
  TrunklineError,
  UserStore,
} from '../src/index.js'
import type { EndingCommand, ReportChanges, SpecChanges } from '../src/ports/session-store.js'
import type { SessionCommand } from '../src/session/commands.js'
import type { JobStore, MediaStore, SessionRecord } from '../src/store.js'

// Held by the compiler: what does not fit does not pass `npm run verify`.

type Listener<Name extends EventName> = (event: EventOf<Name>) => unknown

describe('the types of', () => {
  it('events have one name and one shape, in listeners and in the log', () => {
    expectTypeOf<EventName>().toEqualTypeOf<keyof EventPayloads>()
    expectTypeOf<EventOf<'message'>>().toEqualTypeOf<EventEnvelope & { message: Message }>()
    expectTypeOf<EventOf<'connected'>>().toExtend<StatusChange & { sessionId: string; seq: number; at: string }>()
    expectTypeOf<EventOf<'qr'>>().toExtend<Qr>()
    expectTypeOf<typeof on<'qr'>>().parameters.toEqualTypeOf<['qr', Listener<'qr'>]>()
    expectTypeOf<typeof on<'session.deleted'>>()
      .parameter(1)
      .parameter(0)
      .toHaveProperty('reason')
      .toEqualTypeOf<'deleted' | 'cleaned'>()
    expectTypeOf<'messages'>().not.toExtend<EventName>()
    expectTypeOf<LoggedEvent<'call'>>().toEqualTypeOf<{ name: 'call'; event: EventOf<'call'> }>()
    expectTypeOf<Parameters<MultiSessionManager['onAny']>[0]>().parameters.toEqualTypeOf<
      [name: EventName, event: EventOf<EventName>]
    >()
  })

  it('a store need neither keep users nor jobs nor media, and whoever uses them has to ask', () => {
    expectTypeOf<Omit<Store, 'users' | 'jobs' | 'media'>>().toExtend<Store>()
    expectTypeOf<Store['users']>().toEqualTypeOf<UserStore | undefined>()
    expectTypeOf<Store['jobs']>().toEqualTypeOf<JobStore | undefined>()
    expectTypeOf<Store['media']>().toEqualTypeOf<MediaStore | undefined>()
    expectTypeOf<Omit<Store, 'leases'>>().not.toExtend<Store>()
    expectTypeOf<MultiSessionManager['store']>().toEqualTypeOf<Store>()
  })

  it('the halves of a record have nothing in common but the time of the change, and leave nothing out', () => {
    expectTypeOf<keyof SpecChanges & keyof ReportChanges>().toEqualTypeOf<'updatedAt'>()
    expectTypeOf<Exclude<keyof SessionRecord, keyof SpecChanges | keyof ReportChanges>>().toEqualTypeOf<
      'id' | 'counters' | 'createdAt' | 'revision'
    >()
    expectTypeOf<SpecChanges['label']>().toEqualTypeOf<string | null | undefined>()
  })

  it('what one node asks of another is a command of a session', () => {
    expectTypeOf<EndingCommand>().toExtend<SessionCommand>()
    expectTypeOf<EndingCommand['kind']>().toEqualTypeOf<'stop' | 'logout' | 'delete'>()
  })

  it('an error tells by its code what else it says', () => {
    expectTypeOf<TrunklineError['code']>().toEqualTypeOf<ErrorCode>()
    expectTypeOf<TrunklineError<'SESSION_LIMIT_REACHED'>['details']>().toEqualTypeOf<{ limit: number }>()
    expectTypeOf<DetailsOf<'MANAGER_CLOSED'>>().toEqualTypeOf<undefined>()
    expectTypeOf<ErrorCode>().not.toEqualTypeOf<string>()
  })

  it('every option of a manager may be left out', () => {
    expectTypeOf<Record<string, never>>().toExtend<Partial<ManagerOptions>>()
    expectTypeOf<ConstructorParameters<typeof MultiSessionManager>>().toEqualTypeOf<[options?: ManagerOptions]>()
    expectTypeOf<ManagerOptions>().toEqualTypeOf<Partial<ManagerOptions>>()
  })
})

/** As the method of a manager, to be named without one. */
declare function on<Name extends EventName>(
  ...given: Parameters<typeof MultiSessionManager.prototype.on<Name>>
): MultiSessionManager
