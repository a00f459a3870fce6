import { type EventName, type EventOf, type LoggedEvent, TrunklineError } from '@trunkline/core'
import { describe, expect, it } from 'vitest'
import { Replay, type ReplaySource } from './replay.js'

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

function replayFrom(after: number) {
  const seen: (number | string)[] = []
  const replay = new Replay('a', {
    after,
    emit: (name, payload) =>
      seen.push('nextSeq' in payload ? `gap to ${payload.nextSeq}` : name === 'qr' ? 'qr' : payload.seq),
  })
  return { seen, replay }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a replay', () => {
  it('sends what came after the last seen event, over many pages', async () => {
    const { seen, replay } = replayFrom(3)
    await replay.run(logOf(upTo(1000)))
    expect(seen).toEqual(upTo(1000).slice(3))
  })

  it('keeps live events until the log is read, and sends none of them twice', async () => {
    const { seen, replay } = replayFrom(0)
    // 4 is in the log before it is announced, 5 is announced only.
    const onRead = async () => {
      for (const seq of [4, 5]) replay.live('message', eventOf(seq))
    }
    await replay.run(logOf([1, 2, 3, 4], { onRead }))
    replay.live('message', eventOf(6))
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('passes over a live event that the log was faster with', async () => {
    const { seen, replay } = replayFrom(0)
    await replay.run(logOf([1, 2]))
    replay.live('message', eventOf(2))
    expect(replay.joined).toBe(false)
    replay.live('message', eventOf(3))
    expect(replay.joined).toBe(true)
    expect(seen).toEqual([1, 2, 3])
  })

  it('lets events through that are never logged', async () => {
    const { seen, replay } = replayFrom(2)
    await replay.run(logOf([1, 2]))
    replay.live('qr', eventOf(2))
    expect(seen).toEqual(['qr'])
    expect(replay.joined).toBe(false)
  })

  it('tells of a gap when the log no longer has everything', async () => {
    const { seen, replay } = replayFrom(2)
    await replay.run(logOf([10, 11]))
    expect(seen).toEqual(['gap to 10', 10, 11])
  })

  it('tells of a gap when the log has nothing left', async () => {
    const { seen, replay } = replayFrom(2)
    await replay.run(logOf([], { lastSeq: 20 }))
    replay.live('message', eventOf(21))
    expect(seen).toEqual(['gap to 21', 21])
  })

  it('starts over with a number that the log never gave out, as after the loss of a memory store', async () => {
    const { seen, replay } = replayFrom(57)
    await replay.run(logOf([1, 2]))
    replay.live('message', eventOf(3))
    expect(seen).toEqual(['gap to 3', 3])
  })

  it('tells of a gap for a session that is gone, and takes a new one of the same id from its start', async () => {
    const { seen, replay } = replayFrom(5)
    const gone = async () => {
      throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: 'a' } })
    }
    await replay.run({ lastSeq: gone, events: gone })
    replay.live('session.created', eventOf(1))
    expect(seen).toEqual(['gap to 1', 1])
  })

  it('rejects when the log cannot be read', async () => {
    const { replay } = replayFrom(0)
    const broken = { ...logOf([1]), events: () => Promise.reject(new Error('down')) }
    await expect(replay.run(broken)).rejects.toThrow('down')
  })
})
