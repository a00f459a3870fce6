import { ManualClock, settled } from '@trunkline/conformance/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import type { VersionTurn } from '../session/services.js'
import type { WebVersion } from '../types/web-version.js'
import { WebVersions } from './web-versions.js'

const OWN: WebVersion = [2, 3000, 1]
const NEW: WebVersion = [2, 3000, 2]
const NEWEST: WebVersion = [2, 3000, 3]
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('WebVersions', () => {
  let clock: ManualClock
  let page: WebVersion | Error
  let looks: number
  let versions: WebVersions
  let told: string[]
  let never: AbortSignal

  beforeEach(() => {
    clock = new ManualClock()
    page = NEW
    looks = 0
    told = []
    never = new AbortController().signal
    versions = new WebVersions({
      source: {
        own: OWN,
        newest: async () => {
          looks += 1
          if (page instanceof Error) throw page
          return page
        },
      },
      timings: { versionRetryBaseMs: MINUTE, versionRetryMaxMs: HOUR },
      clock,
      random: () => 1,
      logger: recordingLogger(),
    })
  })

  const request = (sessionId: string, asked = false) => ({
    sessionId,
    asked,
    tell: ({ message }: { message: string }) => void told.push(`${sessionId}: ${message}`),
  })

  const turn = async (sessionId: string, { signal = never, asked = false } = {}): Promise<VersionTurn> => {
    const given = await versions.turn(request(sessionId, asked), signal)
    if (!given) throw new Error(`${sessionId} has no turn`)
    return given
  }

  /** What a turn is after all that can happen now has happened, if it is anything. */
  const outcomeOf = async (waiting: Promise<VersionTurn | undefined>) => {
    await settled()
    return Promise.race([waiting, Promise.resolve('waiting' as const)])
  }

  const refuse = async (sessionId: string): Promise<boolean> => {
    const given = await turn(sessionId)
    const again = given.refused()
    given.end()
    return again
  }

  it('lets everybody through at once while nobody is refused', async () => {
    const all = await Promise.all([turn('a'), turn('b')])
    expect(all.map(({ version }) => version)).toEqual([OWN, OWN])
    expect(looks).toBe(0)
  })

  it('has one session try what is newer, and gives it to the others when WhatsApp has taken it', async () => {
    expect(await refuse('a')).toBe(true)
    const first = await turn('a')
    const second = versions.turn(request('b'), never)
    expect(first.version).toEqual(NEW)
    expect(await outcomeOf(second)).toBe('waiting')
    first.accepted()
    expect(await second).toMatchObject({ version: NEW })
    expect(await turn('c')).toMatchObject({ version: NEW })
    expect(looks).toBe(1)
  })

  it('has the next one try when the first has lost its connection, or leaves the line', async () => {
    await refuse('a')
    const first = await turn('a')
    const leaving = new AbortController()
    const second = versions.turn(request('b'), leaving.signal)
    const third = versions.turn(request('c'), never)
    leaving.abort()
    expect(await second).toBeUndefined()
    first.end()
    expect(await third).toMatchObject({ version: NEW })
  })

  it('pauses longer and longer between looks that fail, for the whole line, and tells everybody why', async () => {
    page = new Error('no network')
    await refuse('a')
    const first = versions.turn(request('a'), never)
    const second = versions.turn(request('b'), never)
    expect(await outcomeOf(first)).toBe('waiting')
    expect(looks).toBe(1)
    expect(told).toEqual(
      ['a', 'b'].map(
        (id) =>
          `${id}: WhatsApp does not accept version 2.3000.1, and the newest one could not be looked up: no network`,
      ),
    )

    await clock.advance(MINUTE - 1)
    expect(looks).toBe(1)
    await clock.advance(1)
    // Nothing newer is known; perhaps WhatsApp has changed its mind.
    const tried = await first
    expect(tried?.version).toEqual(OWN)
    expect(tried?.refused()).toBe(true)
    tried?.end()
    await clock.advance(2 * MINUTE - 1)
    expect(looks).toBe(2)
    await clock.advance(1)
    expect(looks).toBe(3)
    expect(await second).toMatchObject({ version: OWN })
  })

  it('never pauses longer than an hour', async () => {
    page = new Error('no network')
    await refuse('a')
    for (let day = 0; day < 20; day += 1) {
      const waiting = versions.turn(request('a'), never)
      await settled()
      await clock.advance(HOUR)
      const tried = await waiting
      tried?.refused()
      tried?.end()
    }
    expect(looks).toBeLessThanOrEqual(22)
  })

  it('tells who comes later why it waits', async () => {
    page = OWN
    await refuse('a')
    void versions.turn(request('a'), never)
    await settled()
    told.length = 0
    void versions.turn(request('late'), never)
    expect(told).toEqual(['late: WhatsApp does not accept version 2.3000.1, and its own page tells none that is newer'])
  })

  it('looks at once when somebody asks for a session', async () => {
    page = new Error('no network')
    await refuse('a')
    const first = versions.turn(request('a'), never)
    await settled()
    page = NEW
    const asking = versions.turn(request('b', true), never)
    expect(await first).toMatchObject({ version: NEW })
    ;(await first)?.accepted()
    expect(await asking).toMatchObject({ version: NEW })
  })

  it('does not try what was refused again before the pause', async () => {
    await refuse('a')
    const first = await turn('a')
    first.refused()
    first.end()
    const second = versions.turn(request('b'), never)
    expect(await outcomeOf(second)).toBe('waiting')
    page = NEWEST
    await clock.advance(MINUTE)
    expect(await second).toMatchObject({ version: NEWEST })
  })

  it('leaves a session alone that is refused with what others were let in with since', async () => {
    page = OWN
    await refuse('bad')
    const bad = versions.turn(request('bad'), never)
    const good = versions.turn(request('good'), never)
    await settled()
    await clock.advance(MINUTE)
    const triedByBad = await bad
    triedByBad?.refused()
    triedByBad?.end()
    await clock.advance(2 * MINUTE)
    ;(await good)?.accepted()
    ;(await good)?.end()

    expect(await refuse('bad')).toBe(false)
    // Nobody else has to wait for it.
    expect(await turn('another')).toMatchObject({ version: OWN })
  })

  it('takes what stands in a record for known, unless it was refused', async () => {
    versions.known(NEW)
    expect(await turn('a')).toMatchObject({ version: NEW })
    versions.known(OWN)
    expect(await turn('a')).toMatchObject({ version: NEW })
    await refuse('a')
    page = new Error('no network')
    const waiting = versions.turn(request('a'), never)
    versions.known(NEW)
    expect(await outcomeOf(waiting)).toBe('waiting')
    versions.known(NEWEST)
    expect(await waiting).toMatchObject({ version: NEWEST })
  })

  it('a version that is set stays, and a refusal is for a person', async () => {
    const fixed = new WebVersions({
      source: { own: OWN, newest: async () => NEW },
      fixed: OWN,
      timings: { versionRetryBaseMs: MINUTE, versionRetryMaxMs: HOUR },
      clock,
      random: () => 1,
      logger: recordingLogger(),
    })
    fixed.known(NEWEST)
    const given = await fixed.turn(request('a'), never)
    expect(given?.version).toEqual(OWN)
    expect(given?.refused()).toBe(false)
  })
})
