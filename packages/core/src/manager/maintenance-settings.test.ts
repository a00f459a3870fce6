import { expect, it } from 'vitest'
import {
  changedSettings,
  maintenanceSettings,
  maintenanceUpdateCheck,
  settingsOf,
  timingsBy,
} from './maintenance-settings.js'
import { DEFAULT_MAINTENANCE } from './options.js'
import { retentionLimits } from './retention.js'

const MINUTE_MS = 60_000

it('tells the settings of each step under the names of its options', () => {
  const settings = maintenanceSettings(DEFAULT_MAINTENANCE, retentionLimits({ mediaMaxBytes: 5_000 }))
  expect(settings).toEqual({
    health: { healthCheckIntervalMs: 5 * MINUTE_MS },
    reset: { problemResetIntervalMs: 60 * MINUTE_MS },
    cleanup: { cleanupIntervalMs: 360 * MINUTE_MS, inactiveAfterMs: 30 * 24 * 60 * MINUTE_MS },
    retention: expect.objectContaining({
      retentionIntervalMs: 60 * MINUTE_MS,
      eventMaxCount: 20_000,
      mediaMaxBytes: 5_000,
    }),
    keys: { keyCollectionIntervalMs: 24 * 60 * MINUTE_MS },
  })
})

it('leaves out what is off, and what is kept for ever', () => {
  const timings = { ...DEFAULT_MAINTENANCE, healthCheckIntervalMs: Number.POSITIVE_INFINITY }
  const { health, retention } = maintenanceSettings(timings, retentionLimits())
  expect([health, 'messageMaxAgeMs' in retention]).toEqual([{}, false])
})

it('puts what is set over what a process was started with, and nothing that is not right', () => {
  const settings = { healthCheckIntervalMs: 60_000, cleanupIntervalMs: 'off' as const }
  expect(timingsBy(DEFAULT_MAINTENANCE, settings)).toEqual({
    ...DEFAULT_MAINTENANCE,
    healthCheckIntervalMs: 60_000,
    cleanupIntervalMs: Number.POSITIVE_INFINITY,
  })
  // As another version, or a hand in the database, may have written it.
  const strange = { healthCheckIntervalMs: 1, inactiveAfterMs: 'off', flushIntervalMs: 9_000, messageMaxAgeMs: 1_000 }
  expect(timingsBy(DEFAULT_MAINTENANCE, strange as object)).toEqual(DEFAULT_MAINTENANCE)
})

it('tells what a process was started with, off too', () => {
  const timings = { ...DEFAULT_MAINTENANCE, cleanupIntervalMs: Number.POSITIVE_INFINITY }
  expect(settingsOf(timings)).toEqual({
    healthCheckIntervalMs: 5 * MINUTE_MS,
    problemResetIntervalMs: 60 * MINUTE_MS,
    cleanupIntervalMs: 'off',
    inactiveAfterMs: 30 * 24 * 60 * MINUTE_MS,
    keyCollectionIntervalMs: 24 * 60 * MINUTE_MS,
  })
})

it('keeps what a change does not name, and forgets what goes back', () => {
  const settings = { healthCheckIntervalMs: 60_000, cleanupIntervalMs: 'off' } as const
  expect(changedSettings(settings, { cleanupIntervalMs: null, inactiveAfterMs: 5_000 })).toEqual({
    healthCheckIntervalMs: 60_000,
    inactiveAfterMs: 5_000,
  })
})

it.each([
  ['nothing at all', { settings: {} }, ['revision']],
  ['no number of a revision', { revision: -1, settings: {} }, ['revision']],
  ['an interval that is a hot loop', { healthCheckIntervalMs: 999 }, ['settings.healthCheckIntervalMs']],
  ['one that is longer than a year', { cleanupIntervalMs: 31_622_400_001 }, ['settings.cleanupIntervalMs']],
  ['half a millisecond', { problemResetIntervalMs: 1_000.5 }, ['settings.problemResetIntervalMs']],
  ['a text', { keyCollectionIntervalMs: '1h' }, ['settings.keyCollectionIntervalMs']],
  ['never inactive', { inactiveAfterMs: 'off' }, ['settings.inactiveAfterMs']],
  ['how long data is kept', { messageMaxAgeMs: 60_000 }, ['settings.messageMaxAgeMs']],
  ['how often old data is removed', { retentionIntervalMs: 60_000 }, ['settings.retentionIntervalMs']],
  [
    'two that are wrong',
    { healthCheckIntervalMs: 0, inactiveAfterMs: Number.POSITIVE_INFINITY },
    ['settings.healthCheckIntervalMs', 'settings.inactiveAfterMs'],
  ],
])('refuses a change of %s, by its field', (_, given, fields) => {
  const update = 'settings' in given ? given : { revision: 0, settings: given }
  expect(maintenanceUpdateCheck(update, '').map(({ field }) => field)).toEqual(fields)
})

it('takes the shortest, the longest, off and back', () => {
  const settings = {
    healthCheckIntervalMs: 1_000,
    problemResetIntervalMs: 31_622_400_000,
    cleanupIntervalMs: 'off',
    inactiveAfterMs: null,
    keyCollectionIntervalMs: null,
  }
  expect(maintenanceUpdateCheck({ revision: 0, settings }, '')).toEqual([])
})
