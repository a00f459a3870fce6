import { expect, it } from 'vitest'
import { maintenanceSettings } from './maintenance-settings.js'
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
