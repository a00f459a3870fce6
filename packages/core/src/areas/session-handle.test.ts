import { describe, expectTypeOf, it } from 'vitest'
import type {
  Chat,
  Group,
  Message,
  MultiSessionManager,
  Page,
  PairingCode,
  Qr,
  RawMessage,
  SendOptions,
} from '../index.js'
import type { ResultOf, SessionCommand } from '../session/commands.js'

describe('the types of', () => {
  it('a session handle are those of the methods of the manager', () => {
    type Handle = ReturnType<MultiSessionManager['session']>
    expectTypeOf<Handle['messages']['send']>().toEqualTypeOf<(message: SendOptions) => Promise<Message>>()
    expectTypeOf<Handle['messages']['list']>().returns.toEqualTypeOf<Promise<Page<RawMessage>>>()
    expectTypeOf<Handle['messages']['get']>().returns.toEqualTypeOf<Promise<RawMessage>>()
    expectTypeOf<Handle['chats']['list']>().returns.toEqualTypeOf<Promise<Page<Chat>>>()
    expectTypeOf<Handle['groups']['get']>().returns.toEqualTypeOf<Promise<Group>>()
    expectTypeOf<Handle['chats']['get']>().parameters.toEqualTypeOf<[chatId: string]>()
  })

  it('results follow those of commands', () => {
    expectTypeOf<ResultOf<{ kind: 'send'; message: { to: string; text: string } }>>().toEqualTypeOf<Message>()
    expectTypeOf<ResultOf<{ kind: 'qr' }>>().toEqualTypeOf<Qr>()
    expectTypeOf<ResultOf<{ kind: 'pairing-code'; phone: string }>>().toEqualTypeOf<PairingCode>()
    expectTypeOf<ResultOf<{ kind: 'groups'; request: { do: 'list' } }>>().toEqualTypeOf<Group[]>()
    expectTypeOf<ResultOf<{ kind: 'stop' }>>().toEqualTypeOf<undefined>()
  })

  it('commands are such that JSON carries them', () => {
    type Json<Value> = Value extends string | number | boolean | null | undefined
      ? Value
      : Value extends (...args: never[]) => unknown
        ? never
        : Value extends object
          ? { [Name in keyof Value]: Json<Value[Name]> }
          : never
    expectTypeOf<SessionCommand>().toExtend<Json<SessionCommand>>()
  })
})
