import { ManualClock, settled } from '@trunkline/conformance/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { LoggedEvent } from '../types/events.js'
import { deferred } from '../util/deferred.js'
import { LogReader, type LogReaderParts } from './log-reader.js'

const AT = '2026-01-01T00:00:00.000Z'

/** One store, and readers of one name over it, each as after a restart. */
class World {
  readonly clock = new ManualClock()
  readonly store = createMemoryStore({ clock: this.clock })
  readonly given: string[] = []
  #number = 0

  reader(changes: Partial<LogReaderParts> = {}): LogReader {
    return new LogReader({
      name: 'consumer:c',
      startAt: AT,
      concurrency: 2,
      events: this.store.events,
      cursors: this.store.cursors,
      clock: this.clock,
      logger: recordingLogger(),
      random: () => 0.5,
      reads: () => true,
      wants: () => true,
      handle: async (logged) => void this.given.push(nameOf(logged)),
      ...changes,
    })
  }

  async append(sessionId: string, at = AT): Promise<LoggedEvent> {
    this.#number += 1
    const payload = { chatId: `${this.#number}@g.us` }
    const [logged] = await this.store.events.append(sessionId, [{ name: 'chat.deleted', at, payload }])
    if (!logged) throw new Error('Nothing was appended')
    const { name, event } = logged
    return { name, event }
  }

  /** As the round over all sessions does it. */
  async look(reader: LogReader, sessionId: string): Promise<void> {
    const saved = (await this.store.cursors.read(reader.name, [sessionId])).get(sessionId)
    reader.look(sessionId, { lastSeq: await this.store.events.lastSeq(sessionId), saved })
  }

  of(sessionId: string): number[] {
    return this.given.flatMap((name) => (name.startsWith(`${sessionId} `) ? [Number(name.split(' ')[1])] : []))
  }
}

const nameOf = ({ event }: LoggedEvent) => `${event.sessionId} ${event.seq}`
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a reader of the log', () => {
  it('is given what is told here without reading the log for it', async () => {
    const world = new World()
    let reads = 0
    const { events } = world.store
    const counted: typeof events = {
      ...events,
      async read(...asked) {
        reads += 1
        return events.read(...asked)
      },
    }
    const reader = world.reader({ events: counted })
    for (let count = 0; count < 50; count += 1) {
      reader.hear(await world.append('s'))
      await settled()
    }
    expect(world.of('s')).toEqual(upTo(50))
    // The first, whose place has to be found.
    expect(reads).toBeLessThanOrEqual(2)
  })

  it('reads from the log what was not told here', async () => {
    const world = new World()
    const reader = world.reader()
    reader.hear(await world.append('s'))
    await settled()
    for (let count = 0; count < 250; count += 1) await world.append('s')
    reader.hear(await world.append('s'))
    await world.clock.advance(0)
    await settled()
    expect(world.of('s')).toEqual(upTo(252))
  })

  it('keeps few events in memory however slow its handler is, and gives them all', async () => {
    const world = new World()
    const gate = deferred<void>()
    const reader = world.reader({
      handle: async (logged) => {
        await gate.promise
        world.given.push(nameOf(logged))
      },
    })
    for (let count = 0; count < 450; count += 1) reader.hear(await world.append('s'))
    gate.resolve()
    for (let turn = 0; turn < 40; turn += 1) await settled()
    expect(world.of('s')).toEqual(upTo(450))
  })

  it('is given an event again until it is handled, and the later ones of its session after it; others go on', async () => {
    const world = new World()
    let failures = 3
    const reader = world.reader({
      handle: async (logged) => {
        if (logged.event.sessionId === 'bad' && failures > 0) {
          failures -= 1
          throw new Error('Not now')
        }
        world.given.push(nameOf(logged))
      },
    })
    for (const sessionId of ['bad', 'good', 'bad', 'good']) reader.hear(await world.append(sessionId))
    await settled()
    expect(world.given).toEqual(['good 1', 'good 2'])
    await world.clock.advance(60_000)
    expect(world.given).toEqual(['good 1', 'good 2', 'bad 1', 'bad 2'])
  })

  it('works on no more sessions at once than it may, and none of them holds up the others', async () => {
    const world = new World()
    const gates = new Map(['a', 'b', 'c'].map((id) => [id, deferred<void>()]))
    const begun: string[] = []
    const reader = world.reader({
      handle: async (logged) => {
        begun.push(nameOf(logged))
        await gates.get(logged.event.sessionId)?.promise
      },
    })
    for (const sessionId of ['a', 'b', 'c']) reader.hear(await world.append(sessionId))
    await settled()
    expect(begun).toEqual(['a 1', 'b 1'])
    gates.get('b')?.resolve()
    await settled()
    expect(begun).toEqual(['a 1', 'b 1', 'c 1'])
  })

  it('saves how far it has come a second later, in one call for all sessions, and at its end', async () => {
    const world = new World()
    const saves: [string, number][][] = []
    const { save } = world.store.cursors
    const cursors = {
      ...world.store.cursors,
      save: (name: string, numbers: ReadonlyMap<string, number>) => {
        saves.push([...numbers])
        return save(name, numbers)
      },
    }
    const reader = world.reader({ cursors })
    for (const sessionId of ['s', 't', 's']) reader.hear(await world.append(sessionId))
    await world.clock.advance(999)
    expect(saves).toEqual([])
    await world.clock.advance(1)
    expect(saves).toEqual([
      [
        ['s', 2],
        ['t', 1],
      ].sort(),
    ])
    reader.hear(await world.append('t'))
    await settled()
    await reader.close()
    expect(saves.slice(1)).toEqual([[['t', 2]]])
    await world.clock.advance(10_000)
    expect(world.clock.pending).toBe(0)
  })

  it('tries again to save what could not be saved', async () => {
    const world = new World()
    let answers = false
    const { save } = world.store.cursors
    const cursors = {
      ...world.store.cursors,
      save: async (name: string, numbers: ReadonlyMap<string, number>) => {
        if (!answers) throw new Error('The store does not answer')
        await save(name, numbers)
      },
    }
    const reader = world.reader({ cursors })
    reader.hear(await world.append('s'))
    await world.clock.advance(1_000)
    answers = true
    await world.clock.advance(1_000)
    expect(await world.store.cursors.read(reader.name, ['s'])).toEqual(new Map([['s', 1]]))
  })

  it('begins where it is to begin: older events are not given, however many there are', async () => {
    const world = new World()
    for (let minute = 0; minute < 60; minute += 1)
      await world.append('s', new Date(Date.parse(AT) + minute * 60_000).toISOString())
    const reader = world.reader({ startAt: new Date(Date.parse(AT) + 30 * 60_000).toISOString() })
    await world.look(reader, 's')
    for (let turn = 0; turn < 5; turn += 1) await settled()
    expect(world.of('s')).toEqual(upTo(60).slice(30))
  })

  it('goes on with what is kept when older events were removed, and says so', async () => {
    const world = new World()
    const logger = recordingLogger()
    const reader = world.reader({ logger })
    reader.hear(await world.append('s'))
    await settled()
    for (let count = 0; count < 5; count += 1) await world.append('s')
    await world.store.events.prune({ keep: 2 })
    await world.look(reader, 's')
    await settled()
    expect(world.of('s')).toEqual([1, 5, 6])
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it('begins anew with the log of a new session of an old name, also when a late save has brought the old number back', async () => {
    const world = new World()
    const reader = world.reader()
    for (let count = 0; count < 5; count += 1) reader.hear(await world.append('s'))
    await settled()
    await world.store.events.removeAll('s')
    await world.store.cursors.removeAll('s')
    await world.clock.advance(1_000)
    expect(await world.store.cursors.read(reader.name, ['s'])).toEqual(new Map([['s', 5]]))
    for (let count = 0; count < 2; count += 1) reader.hear(await world.append('s'))
    await settled()
    expect(world.of('s')).toEqual([1, 2, 3, 4, 5, 1, 2])
    await world.clock.advance(1_000)
    expect(await world.store.cursors.read(reader.name, ['s'])).toEqual(new Map([['s', 2]]))
  })

  it('misses nothing that is told while the store is asked where it is', async () => {
    const world = new World()
    const { events } = world.store
    let gate = deferred<void>()
    const slow: typeof events = {
      ...events,
      async lastSeq(sessionId) {
        const last = await events.lastSeq(sessionId)
        await gate.promise
        return last
      },
      async read(...asked) {
        const answer = await events.read(...asked)
        await gate.promise
        return answer
      },
    }
    const reader = world.reader({ events: slow })
    for (let round = 0; round < 3; round += 1) {
      gate = deferred<void>()
      // The second time it is told again, which makes it ask once more.
      const first = await world.append('s')
      reader.hear(first)
      if (round > 0) reader.hear(first)
      await settled()
      reader.hear(await world.append('s'))
      await settled()
      gate.resolve()
      for (let turn = 0; turn < 5; turn += 1) await settled()
      expect([...new Set(world.of('s'))]).toEqual(upTo(2 * round + 2))
    }
  })

  it('is told to stop what it does not end in time', async () => {
    const world = new World()
    const aborted = deferred<void>()
    const reader = world.reader({
      handle: async (_logged, signal) => {
        signal.addEventListener('abort', () => aborted.resolve())
        await new Promise(() => {})
      },
    })
    reader.hear(await world.append('s'))
    await settled()
    const closed = reader.close()
    await world.clock.advance(5_000)
    await Promise.all([closed, aborted.promise])
    expect(await world.store.cursors.read(reader.name, ['s'])).toEqual(new Map())
  })

  it('gives every event at least once and in order, whatever is told, missed, failed or cut short', async () => {
    const step = fc.record({
      sessionId: fc.constantFrom('s', 't'),
      told: fc.boolean(),
      fails: fc.boolean(),
      after: fc.constantFrom('nothing', 'a second passes', 'it is killed', 'it is closed', 'it is looked'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const world = new World()
        let fails = false
        const handle: LogReaderParts['handle'] = async (logged) => {
          if (fails) throw new Error('Not now')
          world.given.push(`${nameOf(logged)} ${'chatId' in logged.event ? logged.event.chatId : ''}`)
        }
        const open = () => world.reader({ handle })
        let reader = open()
        const all: string[] = []
        for (const { sessionId, told, after, ...one } of steps) {
          fails = one.fails
          const logged = await world.append(sessionId)
          all.push(`${nameOf(logged)} ${'chatId' in logged.event ? logged.event.chatId : ''}`)
          if (told) reader.hear(logged)
          await settled()
          if (after === 'a second passes') await world.clock.advance(1_000)
          // What was not saved is lost with it; its timers belong to nobody any more.
          if (after === 'it is killed') reader = open()
          if (after === 'it is closed') {
            const closed = reader.close()
            await world.clock.advance(0)
            await closed
            reader = open()
          }
          if (after === 'it is looked') await world.look(reader, sessionId)
        }
        fails = false
        for (const sessionId of ['s', 't']) await world.look(reader, sessionId)
        await world.clock.advance(200_000)
        expect(new Set(world.given)).toEqual(new Set(all))
        for (const sessionId of ['s', 't']) {
          const order = [...new Set(world.of(sessionId))]
          expect(order).toEqual(upTo(order.length))
        }
      }),
      { seed: 15, numRuns: 60 },
    )
  })
})
