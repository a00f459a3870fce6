import { ManualClock, settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { LeaseWatch } from './lease-watch.js'

function setUp(...taken: string[]) {
  const clock = new ManualClock()
  const logger = recordingLogger()
  const held = new Set(taken)
  const looks: string[][] = []
  const store = { fails: false }
  const leases = {
    held: async (ids: readonly string[]) => {
      looks.push([...ids])
      if (store.fails) throw new Error('away')
      return ids.filter((id) => held.has(id)).map((sessionId) => ({ sessionId, owner: 'other', epoch: 1 }))
    },
  }
  const watch = new LeaseWatch({ leases, intervalMs: 1_000, clock, logger })
  return { clock, logger, held, looks, watch, store }
}

const never = new AbortController().signal

describe('the watch on leases', () => {
  it('looks once for all sessions that wait, and not at all while none does', async () => {
    const { clock, held, looks, watch } = setUp('a', 'b')
    const free = Promise.all([watch.free('a', never), watch.free('b', never)])
    await clock.advance(2_000)
    expect(looks).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    held.delete('a')
    await clock.advance(1_000)
    await clock.advance(1_000)
    expect(looks.at(-1)).toEqual(['b'])
    held.delete('b')
    await clock.advance(1_000)
    expect(await free).toEqual([true, true])
    expect(clock.pending).toBe(0)
  })

  it('gives up when the signal is aborted, before or while it waits, and leaves no timer', async () => {
    const { clock, watch } = setUp('a')
    expect(await watch.free('a', AbortSignal.abort())).toBe(false)
    const abort = new AbortController()
    const free = watch.free('a', abort.signal)
    await clock.advance(1_000)
    abort.abort()
    expect(await free).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('takes a store that fails for no answer, and looks again', async () => {
    const { clock, watch, logger, store, held } = setUp('a')
    const free = watch.free('a', never)
    held.clear()
    store.fails = true
    await clock.advance(1_000)
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn'])
    store.fails = false
    await clock.advance(1_000)
    await settled()
    expect(await free).toBe(true)
  })
})
