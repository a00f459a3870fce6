import { describe, expect, it } from 'vitest'
import { ERROR_CODES, ERRORS } from './codes.js'
import { toStoreError } from './store-error.js'
import { TrunklineError } from './trunkline-error.js'

describe('a Trunkline error', () => {
  it.each(ERROR_CODES)('%s has a sentence of its own and says whether trying again can help', (code) => {
    // Details differ by code; their types are checked where errors are made.
    const error = new TrunklineError(code as 'INTERNAL')
    expect(error).toMatchObject({
      name: 'TrunklineError',
      code,
      message: ERRORS[code].message,
      retryable: ERRORS[code].retryable,
    })
    expect(error.message).toMatch(/^[A-Z].*[^.]$/)
  })

  it('has the stable form AREA_PROBLEM for a code', () => {
    for (const code of ERROR_CODES) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
  })

  it('keeps details, cause and a message of its own', () => {
    const cause = new Error('why')
    const error = new TrunklineError('MESSAGE_FAILED', { details: { messageId: 'A' }, cause, message: 'so' })
    expect(error).toMatchObject({ message: 'so', details: { messageId: 'A' } })
    expect(error.cause).toBe(cause)
    expect(error).toBeInstanceOf(Error)
  })

  it('has no cause when none was given, and an undefined one when it was', () => {
    expect('cause' in new TrunklineError('INTERNAL')).toBe(false)
    expect('cause' in new TrunklineError('INTERNAL', { cause: undefined })).toBe(true)
  })

  it('shows no marker to whoever lists or serialises it', () => {
    const error = new TrunklineError('STORE_FULL')
    expect(Object.getOwnPropertySymbols({ ...error })).toEqual([])
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name: 'TrunklineError', code: 'STORE_FULL', retryable: true })
  })
})

describe('TrunklineError.is', () => {
  it('knows its own errors, by code too', () => {
    const error: unknown = new TrunklineError('STORE_FULL')
    expect(TrunklineError.is(error)).toBe(true)
    expect(TrunklineError.is(error, 'STORE_FULL')).toBe(true)
    expect(TrunklineError.is(error, 'STORE_LOCKED')).toBe(false)
  })

  it('knows the errors of another copy of the class, such as that of the CJS build', () => {
    class Copy extends Error {
      readonly code = 'STORE_FULL'
      constructor() {
        super()
        Object.defineProperty(this, Symbol.for('trunkline.error'), { value: true })
      }
    }
    expect(new Copy()).not.toBeInstanceOf(TrunklineError)
    expect(TrunklineError.is(new Copy(), 'STORE_FULL')).toBe(true)
  })

  it.each([
    new Error('x'),
    Object.assign(new Error('x'), { code: 'STORE_FULL' }),
    { code: 'STORE_FULL' },
    null,
    undefined,
    'STORE_FULL',
    7,
  ])('takes nothing else for one: %j', (other) => {
    expect(TrunklineError.is(other)).toBe(false)
  })
})

describe('toStoreError', () => {
  it('leaves a Trunkline error as it is and makes STORE_UNAVAILABLE of everything else, with its cause', () => {
    const lost = new TrunklineError('LEASE_LOST', { details: { sessionId: 's' } })
    expect(toStoreError(lost)).toBe(lost)
    const cause = new Error('ECONNREFUSED')
    expect(toStoreError(cause)).toMatchObject({ code: 'STORE_UNAVAILABLE', cause, retryable: true })
    expect(toStoreError(undefined)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
