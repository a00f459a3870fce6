import { type EventName, type EventOf, type LoggedEvent, TrunklineError } from '@trunkline/core'
import { describe, expect, it } from 'vitest'
import { type Outlet, Replay, type ReplayContext, type ReplaySource } from './replay.js'
import { Turns } from './turns.js'

/** A log that holds `kept` events and lets a test act between two reads. */
function logOf(
  kept: number[],
  { lastSeq = kept.at(-1) ?? 0, onRead = async () => {} }: Partial<LogOptions> = {},
): ReplaySource {
  return {
    lastSeq: async () => lastSeq,
    async events(_, { after, limit }) {
      const events = kept.filter((seq) => seq > after).slice(0, limit)
      await onRead()
      return { events: events.map(logged), gap: (events[0] ?? lastSeq + 1) > after + 1 }
    },
  }
}

interface LogOptions {
  lastSeq: number
  onRead(): Promise<void>
}

function eventOf(seq: number) {
  return { sessionId: 'a', at: '2026-01-01T00:00:00.000Z', seq } as EventOf<EventName>
}

function logged(seq: number): LoggedEvent {
  return { name: 'message', event: eventOf(seq) }
}

/** A socket that takes everything at once unless it says otherwise; each event weighs `bytes`. */
function replayFrom(after: number, { bytes = 100, drained = async () => {} }: Partial<Taking> = {}) {
  const seen: (number | string)[] = []
  const outlet: Outlet = {
    get sentBytes() {
      return seen.length * bytes
    },
    emit: (name, payload) =>
      seen.push('nextSeq' in payload ? `gap to ${payload.nextSeq}` : name === 'qr' ? 'qr' : payload.seq),
    drained,
  }
  return { seen, replay: new Replay('a', { after, outlet }) }
}

interface Taking {
  bytes: number
  drained: Outlet['drained']
}

const over = (source: ReplaySource, context: Partial<ReplayContext> = {}): ReplayContext => ({
  source,
  turns: new Turns({ width: 1 }),
  signal: new AbortController().signal,
  ...context,
})

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a replay', () => {
  it('sends what came after the last seen event, over many pages', async () => {
    const { seen, replay } = replayFrom(3)
    await replay.run(over(logOf(upTo(1000))))
    expect(seen).toEqual(upTo(1000).slice(3))
  })

  it('keeps live events until the log is read, and sends none of them twice', async () => {
    const { seen, replay } = replayFrom(0)
    // 4 is in the log before it is announced, 5 is announced only.
    const onRead = async () => {
      for (const seq of [4, 5]) replay.live('message', eventOf(seq))
    }
    await replay.run(over(logOf([1, 2, 3, 4], { onRead })))
    replay.live('message', eventOf(6))
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('passes over a live event that the log was faster with', async () => {
    const { seen, replay } = replayFrom(0)
    await replay.run(over(logOf([1, 2])))
    replay.live('message', eventOf(2))
    expect(replay.joined).toBe(false)
    replay.live('message', eventOf(3))
    expect(replay.joined).toBe(true)
    expect(seen).toEqual([1, 2, 3])
  })

  it('lets events through that are never logged', async () => {
    const { seen, replay } = replayFrom(2)
    await replay.run(over(logOf([1, 2])))
    replay.live('qr', eventOf(2))
    expect(seen).toEqual(['qr'])
    expect(replay.joined).toBe(false)
  })

  it('tells of a gap when the log no longer has everything', async () => {
    const { seen, replay } = replayFrom(2)
    await replay.run(over(logOf([10, 11])))
    expect(seen).toEqual(['gap to 10', 10, 11])
  })

  it('tells of a gap when the log has nothing left', async () => {
    const { seen, replay } = replayFrom(2)
    await replay.run(over(logOf([], { lastSeq: 20 })))
    replay.live('message', eventOf(21))
    expect(seen).toEqual(['gap to 21', 21])
  })

  it('starts over with a number that the log never gave out, as after the loss of a memory store', async () => {
    const { seen, replay } = replayFrom(57)
    await replay.run(over(logOf([1, 2])))
    replay.live('message', eventOf(3))
    expect(seen).toEqual(['gap to 3', 3])
  })

  it('tells of a gap for a session that is gone, and takes a new one of the same id from its start', async () => {
    const { seen, replay } = replayFrom(5)
    const gone = async () => {
      throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: 'a' } })
    }
    await replay.run(over({ lastSeq: gone, events: gone }))
    replay.live('session.created', eventOf(1))
    expect(seen).toEqual(['gap to 1', 1])
  })

  it('rejects when the log cannot be read', async () => {
    const { replay } = replayFrom(0)
    const broken = { ...logOf([1]), events: () => Promise.reject(new Error('down')) }
    await expect(replay.run(over(broken))).rejects.toThrow('down')
  })

  it('reads the next page when the client has taken the one before', async () => {
    let takes = () => {}
    const drained = () => new Promise<void>((resolve) => (takes = resolve))
    const { seen, replay } = replayFrom(0, { drained })
    const pages: number[] = []
    const log = logOf(upTo(100))
    const run = replay.run(over(watched(log, ({ after }) => pages.push(after))))
    while (seen.length === 0) await turn()
    for (let i = 0; i < 10; i += 1) await turn()
    expect(pages).toEqual([0])
    let done = false
    void run.then(() => (done = true))
    while (!done) {
      takes()
      await turn()
    }
    expect(seen).toEqual(upTo(100))
  })

  it('reads fewer events at a time when they are long', async () => {
    const { seen, replay } = replayFrom(0, { bytes: 100_000 })
    const limits: number[] = []
    const log = logOf(upTo(40))
    await replay.run(over(watched(log, ({ limit }) => limits.push(limit))))
    expect(seen).toEqual(upTo(40))
    expect(Math.max(...limits.slice(1))).toBeLessThanOrEqual(2)
  })

  it('lets the process do other things between two pages, however fast the log answers', async () => {
    const { seen, replay } = replayFrom(0)
    const run = replay.run(over(logOf(upTo(1000))))
    const between: number[] = []
    while (seen.length < 1000) {
      await turn()
      between.push(seen.length)
    }
    await run
    expect(new Set(between).size).toBeGreaterThanOrEqual(5)
  })

  it('ends when its socket is gone', async () => {
    const gone = new AbortController()
    const { seen, replay } = replayFrom(0, { drained: async () => gone.abort() })
    await replay.run(over(logOf(upTo(1000)), { signal: gone.signal }))
    expect(seen.length).toBeLessThan(100)
  })

  it('sends nothing any more once it is stopped', async () => {
    const { seen, replay } = replayFrom(0, { drained: async () => replay.stop() })
    await replay.run(over(logOf(upTo(1000))))
    replay.live('message', eventOf(1001))
    expect(seen).toEqual(upTo(25))
  })

  it('takes from the log what was announced while it read, when that is a lot', async () => {
    const kept = upTo(10)
    const { seen, replay } = replayFrom(0, {
      async drained() {
        if (kept.length > 10) return
        for (let seq = 11; seq <= 500; seq += 1) {
          kept.push(seq)
          replay.live('message', eventOf(seq))
        }
        replay.live('qr', eventOf(500))
      },
    })
    await replay.run(over(logOf(kept, { lastSeq: 500 })))
    replay.live('message', eventOf(501))
    expect(seen).toEqual([...upTo(500), 'qr', 501])
  })
})

function watched(log: ReplaySource, onRead: (options: { after: number; limit: number }) => void): ReplaySource {
  return {
    ...log,
    events(sessionId, options) {
      onRead(options)
      return log.events(sessionId, options)
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
