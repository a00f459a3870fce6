import { describe, expect, it } from 'vitest'
import { SimulatorError } from '../util/errors.js'
import { faultOperations } from './fault-operations.js'
import { phoneOperations } from './phone-operations.js'
import { simulatorOperations } from './simulator-operations.js'

const NEVER = new AbortController().signal
const TABLES = { ...simulatorOperations, ...phoneOperations, ...faultOperations }

/** What is said of a body: nothing is looked up before it is right. */
function saidOf(name: keyof typeof TABLES, body: unknown): string[] {
  try {
    TABLES[name].answer(() => expect.unreachable('the body was taken'), body, NEVER)
  } catch (error) {
    if (error instanceof SimulatorError) return [error.code, error.field ?? '', error.message]
    throw error
  }
  return []
}

const chat = (message: object) => ({ chats: [{ with: '1', messages: [{ at: 'x', ...message }] }] })

describe('a body of the control API', () => {
  it.each([
    ['createPhone', undefined, 'body', 'must be an object'],
    ['createPhone', [], 'body', 'must be an object'],
    ['createPhone', 'x', 'body', 'must be an object'],
    ['createPhone', {}, 'number', 'must be a text'],
    ['createPhone', { number: 1, name: 'x' }, 'number', 'must be a text'],
    ['createPhone', { number: '', name: 'x' }, 'number', 'must be a text'],
    ['createPhone', { nummber: '1', name: 'x' }, 'nummber', 'is not known here'],
    ['createPhone', { number: '1', name: 'x', business: 'yes' }, 'business', 'must be true or false'],
    ['createGroup', { subject: 'x', creator: '1', participants: '2' }, 'participants', 'must be a list'],
    ['createGroup', { subject: 'x', creator: '1', participants: ['2', 3] }, 'participants[1]', 'must be a text'],
    [
      'createGroup',
      { subject: 'x', creator: '1', participants: [], addressing: 'x' },
      'addressing',
      'must be one of pn, lid',
    ],
    ['setHistory', chat({ at: undefined }), 'chats[0].messages[0].at', 'must be a text'],
    ['setHistory', chat({ txt: 'x' }), 'chats[0].messages[0].txt', 'is not known here'],
    ['setHistory', chat({ reactions: [{}] }), 'chats[0].messages[0].reactions[0].emoji', 'must be a text'],
    ['setHistory', { chats: [1] }, 'chats[0]', 'must be an object'],
    ['send', { to: '1' }, 'content', 'must be a message as its protobuf in JSON'],
    ['send', { to: '1', content: 'x' }, 'content', 'must be a message as its protobuf in JSON'],
    [
      'send',
      { to: '1', content: { extendedTextMessage: 'x' } },
      'content',
      'must be a message as its protobuf in JSON',
    ],
    ['unlink', { device: 1.5 }, 'device', 'must be an integer from 1 to 1000000'],
    ['unlink', { device: '1' }, 'device', 'must be an integer from 1 to 1000000'],
    ['unlink', { device: 0 }, 'device', 'must be an integer from 1 to 1000000'],
    ['sendFrame', { number: '1', bytes: 'abc' }, 'bytes', 'must be bytes in hexadecimal digits'],
    ['close', { number: '1' }, 'cause', 'must be an object'],
    ['close', { number: '1', cause: 503 }, 'cause', 'must be an object'],
    ['close', { number: '1', cause: { code: 9 } }, 'cause.code', 'must be an integer from 100 to 999'],
    ['close', { number: '1', cause: { code: 503, reason: 'kill' } }, 'cause.code', 'is not known here'],
    ['on', { match: {} }, 'action', 'must be an object'],
    ['on', { match: {}, action: 'drop' }, 'action', 'must be an object'],
    [
      'on',
      { match: {}, action: { do: 'delay', delayMs: '1' } },
      'action.delayMs',
      'must be an integer from 0 to 3600000',
    ],
    ['on', { match: {}, action: { do: 'drop', times: 1 } }, 'action.times', 'is not known here'],
    [
      'on',
      { match: {}, action: { do: 'close', cause: { code: 1 } } },
      'action.cause.code',
      'must be an integer from 100 to 999',
    ],
    ['on', { match: { direction: 'up' }, action: { do: 'drop' } }, 'match.direction', 'must be one of in, out'],
  ] as const)('%s %j: %s %s', (name, body, field, message) => {
    expect(saidOf(name, body)).toEqual(['BAD_INPUT', field, `${field} ${message}`])
  })

  it('names the choices that there are', () => {
    const [, field, message] = saidOf('on', { match: {}, action: { do: 'replace' } })
    expect(field).toBe('action.do')
    expect(message).toMatch(/^action\.do must be one of drop, delay, .*silence$/)
    expect(saidOf('close', { number: '1', cause: {} })[2]).toMatch(/^cause\.reason must be one of replaced, .*kill$/)
  })
})
