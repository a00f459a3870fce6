import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { createInstallationStore } from '../memory/installation-store.js'
import type { InstallationStore } from '../ports/installation-store.js'
import { deferred } from '../util/deferred.js'
import { Installation } from './installation.js'
import { DEFAULT_MAINTENANCE } from './options.js'

function process(store: InstallationStore | undefined) {
  const heard: number[] = []
  const installation = new Installation({
    store,
    atStart: DEFAULT_MAINTENANCE,
    clock: new ManualClock(),
    onChange: () => heard.push(installation.timings.healthCheckIntervalMs),
  })
  return { installation, heard }
}

describe('what is set for all processes', () => {
  it('wins over what a process was started with, there and in others once they have looked', async () => {
    const store = createInstallationStore()
    const [one, other] = [process(store), process(store)]
    const { revision, updatedAt, settings } = await one.installation.update({
      revision: 0,
      settings: { healthCheckIntervalMs: 60_000 },
    })
    expect([revision, settings, one.heard]).toEqual([1, { healthCheckIntervalMs: 60_000 }, [60_000]])
    expect(await store.read()).toEqual({ revision: 1, updatedAt, maintenance: { healthCheckIntervalMs: 60_000 } })
    expect(other.installation.timings).toEqual(DEFAULT_MAINTENANCE)
    await other.installation.look()
    await other.installation.look()
    expect([other.installation.timings.healthCheckIntervalMs, other.heard]).toEqual([60_000, [60_000]])
    const back = await other.installation.update({ revision: 1, settings: { healthCheckIntervalMs: null } })
    expect([back.settings, other.installation.timings]).toEqual([{}, DEFAULT_MAINTENANCE])
  })

  it('is not overwritten by who has not seen it, who learns the revision of now', async () => {
    const store = createInstallationStore()
    const [one, other] = [process(store), process(store)]
    await one.installation.update({ revision: 0, settings: { healthCheckIntervalMs: 60_000 } })
    const late = other.installation.update({ revision: 0, settings: { healthCheckIntervalMs: 'off' } })
    await expect(late).rejects.toMatchObject({ code: 'SETTINGS_CHANGED_MEANWHILE', details: { revision: 1 } })
    expect((await store.read())?.maintenance).toEqual({ healthCheckIntervalMs: 60_000 })
    expect(other.installation.timings.healthCheckIntervalMs).toBe(60_000)
  })

  it('is changed by one of many who change it at once', async () => {
    const store = createInstallationStore()
    const all = Array.from({ length: 5 }, () => process(store))
    const outcomes = await Promise.allSettled(
      all.map(({ installation }) => installation.update({ revision: 0, settings: { inactiveAfterMs: 5_000 } })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await store.read())?.revision).toBe(1)
  })

  it('does not go back to what an older look has read', async () => {
    const kept = createInstallationStore()
    const gate = deferred()
    let reads = 0
    const slow: InstallationStore = {
      ...kept,
      async read() {
        const record = await kept.read()
        reads += 1
        if (reads === 1) await gate.promise
        return record
      },
    }
    const { installation } = process(slow)
    const look = installation.look()
    const update = installation.update({ revision: 0, settings: { healthCheckIntervalMs: 60_000 } })
    gate.resolve()
    await Promise.all([look, update])
    expect(installation.timings.healthCheckIntervalMs).toBe(60_000)
  })

  it('cannot be changed where the store keeps nothing of the kind', async () => {
    const { installation } = process(undefined)
    await installation.look()
    expect(await installation.changes()).toBeUndefined()
    const update = installation.update({ revision: 0, settings: {} })
    await expect(update).rejects.toMatchObject({ code: 'SETTINGS_NOT_KEPT' })
  })
})
