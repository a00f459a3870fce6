import { describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { checkCreate, checkLimit, checkPairing, checkUpdate } from './validation.js'

/** The fields that a check names. */
function fieldsOf(check: () => unknown): string[] {
  try {
    check()
    return []
  } catch (error) {
    if (!TrunklineError.is(error, 'VALIDATION_FAILED')) throw error
    return error.details.errors.map(({ field }) => field)
  }
}

describe('making a session', () => {
  it.each([
    [{}],
    [{ id: 'a', label: 'x'.repeat(100), metadata: { k: 'v'.repeat(1_000) } }],
    [{ id: 'A-_9'.repeat(16) }],
    [{ settings: { preload: { type: 'none', limit: 0 }, deviceName: 'x' } }],
    [{ settings: { preload: { type: 'all', limit: 1_000 } } }],
  ] as Parameters<typeof checkCreate>[])('takes %j', (options) => {
    expect(fieldsOf(() => checkCreate(options))).toEqual([])
  })

  it.each([
    [{ id: '' }, ['id']],
    [{ id: 'a'.repeat(65) }, ['id']],
    [{ id: '../etc' }, ['id']],
    [{ id: 'a\n' }, ['id']],
    [{ id: 'ü' }, ['id']],
    [{ label: 'x'.repeat(101) }, ['label']],
    [{ metadata: { ok: 'v', long: 'v'.repeat(1_001) } }, ['metadata.long']],
    [{ metadata: { ['k'.repeat(65)]: 'v' } }, [`metadata.${'k'.repeat(65)}`]],
    [{ metadata: { n: 1 } }, ['metadata.n']],
    [{ settings: { preload: { type: 'some', limit: 1 } } }, ['settings.preload.type']],
    [{ settings: { preload: { type: 'all', limit: -1 } } }, ['settings.preload.limit']],
    [{ settings: { preload: { type: 'all', limit: 1_001 } } }, ['settings.preload.limit']],
    [{ settings: { preload: { type: 'all', limit: 1.5 } } }, ['settings.preload.limit']],
    [{ settings: { deviceName: '' } }, ['settings.deviceName']],
    [{ settings: { deviceName: 'x'.repeat(51) } }, ['settings.deviceName']],
    [{ id: '', label: 'x'.repeat(101), settings: { deviceName: '' } }, ['id', 'label', 'settings.deviceName']],
  ])('refuses %j and names every field', (options, fields) => {
    expect(fieldsOf(() => checkCreate(options as Parameters<typeof checkCreate>[0]))).toEqual(fields)
  })
})

it('changing a session may clear the label, and is checked like making one', () => {
  expect(fieldsOf(() => checkUpdate({ label: null }))).toEqual([])
  expect(fieldsOf(() => checkUpdate({ label: 'x'.repeat(101), settings: { deviceName: '' } }))).toEqual([
    'label',
    'settings.deviceName',
  ])
})

describe('a phone number', () => {
  it.each([
    ['+1 (555) 000-0001', '15550000001'],
    ['15550000001', '15550000001'],
    ['49.30.1234567', '49301234567'],
  ])('%s is %s', (phone, digits) => {
    expect(checkPairing({ phone })).toBe(digits)
  })

  it.each(['', '123456', '1234567890123456', '++15550000001', '1555000000a', '15550000001@s.whatsapp.net'])(
    'is not %j',
    (phone) => {
      expect(fieldsOf(() => checkPairing({ phone }))).toEqual(['phone'])
    },
  )

  it.each([undefined, 15_550_000_001, null, ['15550000001']])('is a text, and %j is none', (phone) => {
    expect(fieldsOf(() => checkPairing({ phone: phone as unknown as string }))).toEqual(['phone'])
  })
})

it.each([
  [undefined, 50],
  [1, 1],
  [200, 200],
])('a limit of %s is %i', (given, limit) => {
  expect(checkLimit(given)).toBe(limit)
})

it.each([0, -1, 201, 1.5, Number.NaN, '10'])('a limit of %s is refused', (limit) => {
  expect(fieldsOf(() => checkLimit(limit as number))).toEqual(['limit'])
})
