import type { EventLog, NewEvent } from '@trunkline/core/store'
import { type BrokenStore, events, lock, noLock, onceReopened, type Turn, tick } from './broken-store.js'

export const BROKEN_EVENTS: BrokenStore[] = [
  {
    name: 'knows the last numbers of those logs only that have events',
    caughtBy: 'tells the last numbers of many sessions at once',
    wrap: events(({ read, lastSeqs }) => ({
      async lastSeqs(ids) {
        const last = await lastSeqs(ids)
        for (const id of ids) if ((await read(id, { after: 0, limit: 1 })).events.length === 0) last.delete(id)
        return last
      },
    })),
  },
  {
    name: 'believes the caller what the last number is',
    caughtBy: 'appends after the last number when the caller knows one, and an older one too',
    wrap: events(({ append }) => ({
      async append(id, given, options) {
        const appended = await append(id, given, options)
        const off = (appended[0]?.event.seq ?? 0) - ((options?.lastSeq ?? 0) + 1)
        if (options?.lastSeq === undefined || off <= 0) return appended
        return appended.map(({ event, ...rest }) => ({ ...rest, event: { ...event, seq: event.seq - off } }) as never)
      },
    })),
  },
  {
    name: 'numbers by reading the last number and adding to it',
    caughtBy: 'leaves no gap and no double when many append at once',
    wrap: events((port) => addingOne(port, noLock)),
  },
  {
    name: 'numbers by reading the last number and adding to it, under a lock that only its own process sees',
    caughtBy: 'leaves no gap and no double when two instances append at once',
    wrap: events((port) => addingOne(port, lock())),
  },
  {
    name: 'forgets the numbers of its sessions when it is closed',
    caughtBy: 'goes on with the next number after close and open',
    wrap: onceReopened(events(({ append }) => ({ append: (id, given) => append(`${id}2`, given) }))),
  },
  {
    name: 'keeps the payload of an event without its envelope',
    caughtBy: 'answers and keeps the event with its envelope, its metadata and its payload as they were',
    wrap: events(({ read }) => ({
      async read(...args) {
        const { events: found, gap } = await read(...args)
        return { events: found.map(({ name, event: { at: _, ...event } }) => ({ name, event }) as never), gap }
      },
    })),
  },
  {
    name: 'removes one event more than it should',
    caughtBy: 'removes by age and by number, and answers how many',
    wrap: events(({ prune }) => ({
      prune: ({ keep, ...options }) => prune({ ...options, ...(keep === undefined ? {} : { keep: keep - 1 }) }),
    })),
  },
  {
    name: 'forgets the events of a session and keeps their number',
    caughtBy: 'forgets a session with all of its events, and no other',
    wrap: events(({ prune }) => ({ removeAll: async () => void (await prune({ keep: 0 })) })),
  },
  {
    name: 'numbers the events of all sessions in one row',
    caughtBy: 'numbers events from 1 without gaps, for each session by itself',
    wrap: events(({ append }) => ({ append: (_id, given) => append('all', given) })),
  },
  {
    name: 'appends an event again when its key is known',
    caughtBy: 'appends an event with the same key once, within a call and over calls',
    wrap: events(({ append }) => ({
      append: (id, given) =>
        append(
          id,
          given.map(({ key: _, ...event }) => event as (typeof given)[number]),
        ),
    })),
  },
  {
    name: 'uses up a number for an event that it knows',
    caughtBy: 'appends an event with the same key once, within a call and over calls',
    wrap: events(({ append }) => ({
      async append(id, given) {
        const appended = []
        for (const event of given) {
          const [one] = await append(id, [event])
          if (one?.repeated)
            await append(id, [{ name: event.name, at: event.at, payload: event.payload } as typeof event])
          if (one) appended.push(one)
        }
        return appended
      },
    })),
  },
  {
    name: 'tells no gap',
    caughtBy: 'tells a gap when events are gone and when the number is beyond the log',
    wrap: events(({ read }) => ({ read: async (...args) => ({ ...(await read(...args)), gap: false }) })),
  },
  {
    name: 'starts again at 1 when the events are gone',
    caughtBy: 'remembers the last number when every event is gone',
    wrap: events(({ prune, removeAll }) => ({
      async prune(options) {
        const pruned = await prune(options)
        await removeAll('s')
        return pruned
      },
    })),
  },
  {
    name: 'removes every old event at once, whatever the limit',
    caughtBy: 'removes no more than the limit in one call, from the oldest on',
    wrap: events(({ prune }) => ({ prune: ({ limit: _, ...options }) => prune(options) })),
  },
  {
    name: 'tells a gap only where nothing is left',
    caughtBy: 'tells a reader of the gap that a removal left, and gives what is kept',
    wrap: events(({ read }) => ({
      async read(...args) {
        const answer = await read(...args)
        return { ...answer, gap: answer.gap && answer.events.length === 0 }
      },
    })),
  },
  {
    name: 'reads newest first',
    caughtBy: 'reads what comes after a number, oldest first, and no more than asked for',
    wrap: events(({ read }) => ({
      async read(...args) {
        const { events: found, gap } = await read(...args)
        return { events: found.reverse(), gap }
      },
    })),
  },
  {
    name: 'keeps the event of the caller',
    caughtBy: 'keeps nothing by reference',
    wrap: events(({ append, read }) => {
      const payloads = new Map<string, NewEvent['payload']>()
      return {
        async append(id, given) {
          const appended = await append(id, given)
          for (const [place, { event, repeated }] of appended.entries()) {
            const payload = given[place]?.payload
            if (payload && !repeated) payloads.set(JSON.stringify([id, event.seq]), payload)
          }
          return appended
        },
        async read(id, options) {
          const found = await read(id, options)
          for (const { event } of found.events) Object.assign(event, payloads.get(JSON.stringify([id, event.seq])))
          return found
        },
      }
    }),
  },
  {
    name: 'remembers keys longer than their events',
    caughtBy: 'remembers a key as long as its event is kept, and no longer',
    wrap: events(({ append }) => {
      const known = new Map<string, Awaited<ReturnType<typeof append>>[number]>()
      return {
        async append(id, given) {
          const answers = []
          for (const event of given) {
            const key = event.key === undefined ? undefined : JSON.stringify([id, event.key])
            const first = known.get(key ?? '')
            const [appended] = first ? [{ ...first, repeated: true }] : await append(id, [event])
            if (key && appended) known.set(key, appended)
            if (appended) answers.push(appended)
          }
          return answers
        },
      }
    }),
  },
]

/** Events that were numbered alike are there twice. */
function addingOne({ append, lastSeq }: EventLog, turn: Turn): Partial<EventLog> {
  return {
    append: (id, given) =>
      turn(async () => {
        const last = await lastSeq(id)
        await tick()
        const appended = await append(id, given)
        const fresh = appended.filter(({ repeated }) => !repeated).length
        return last === (await lastSeq(id)) - fresh ? appended : append(id, given)
      }),
  }
}
