import { describe, expect, it } from 'vitest'
import { ClientError } from './client-error.js'
import { type Failure, retryDelay } from './retry.js'

const LOST = new ClientError('NETWORK_FAILED', { message: 'lost' })
const answered = (status: number, retryAfterMs?: number) =>
  new ClientError('INTERNAL', { message: 'answered', status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })

function delay(changes: Partial<Failure>): number | undefined {
  const failure = { method: 'GET', isKeyed: false, isReplayable: true, error: LOST, tries: 1, maxRetries: 2, random: 1 }
  return retryDelay({ ...failure, ...changes })
}

describe('another try', () => {
  it.each([
    ['GET', false, true],
    ['PUT', false, true],
    ['DELETE', false, true],
    ['POST', false, false],
    ['PATCH', false, false],
    ['POST', true, true],
  ])('of %s, with a key: %s, is made: %s', (method, isKeyed, isMade) => {
    expect(delay({ method, isKeyed }) !== undefined).toBe(isMade)
  })

  it.each<[Error, boolean]>([
    [LOST, true],
    [new ClientError('TIMED_OUT', { message: 'late' }), true],
    ...[408, 429, 502, 503, 504].map((status) => [answered(status), true] as [Error, boolean]),
    ...[400, 401, 403, 404, 409, 422, 500].map((status) => [answered(status), false] as [Error, boolean]),
    [new TypeError('a mistake'), false],
  ])('after %s is made: %s', (error, isMade) => expect(delay({ error }) !== undefined).toBe(isMade))

  it('waits longer each time, by chance, and ends', () => {
    expect([1, 2, 3].map((tries) => delay({ tries }))).toEqual([250, 500, undefined])
    expect(delay({ random: 0 })).toBe(125)
    expect(delay({ tries: 20, maxRetries: 20 })).toBe(8_000)
  })

  it('comes when the server says, unless that is too late to wait for', () => {
    expect(delay({ error: answered(429, 3_000) })).toBe(3_000)
    expect(delay({ error: answered(429, 900_000) })).toBeUndefined()
  })

  it('is never made of a body that is gone', () => expect(delay({ isReplayable: false })).toBeUndefined())
})
