import type { AttemptStore } from '@trunkline/core/store'
import { attempts, type BrokenStore, lock, noLock, type Turn, tick } from './broken-store.js'

export const BROKEN_ATTEMPTS: BrokenStore[] = [
  {
    name: 'counts all keys in one counter',
    caughtBy: 'are counted by key, with how long the counter lasts',
    wrap: attempts(({ add }) => ({ add: (_key, options) => add('', options) })),
  },
  {
    name: 'lets each attempt make the window longer',
    caughtBy: 'are counted anew when their window has ended, and not before',
    wrap: (store, { clock }) => {
      const ends = new Map<string, { count: number; endsAt: number }>()
      return attempts(() => ({
        async add(key, { windowMs }) {
          const last = ends.get(key)
          const count = last && last.endsAt > clock.now() ? last.count + 1 : 1
          ends.set(key, { count, endsAt: clock.now() + windowMs })
          return { count, leftMs: windowMs }
        },
      }))(store)
    },
  },
  {
    name: 'forgets all of them instead of taking one back',
    caughtBy: 'are taken back one by one, never below none',
    wrap: attempts(({ forget }) => ({ takeBack: forget })),
  },
  {
    name: 'keeps what was to be forgotten',
    caughtBy: 'are forgotten by key',
    wrap: attempts(() => ({ forget: async () => {} })),
  },
  {
    name: 'reads and writes a moment later',
    caughtBy: 'that come at once are all counted, each with a number of its own',
    wrap: attempts((port) => lookingFirst(port, noLock)),
  },
  {
    name: 'holds a lock that only its own process sees',
    caughtBy: 'of two instances are counted together',
    wrap: attempts((port) => lookingFirst(port, lock())),
  },
]

/** What every instance on one backend sees. */
const counted = new WeakMap<AttemptStore, Map<string, number>>()

function lookingFirst(port: AttemptStore, turn: Turn): Pick<AttemptStore, 'add'> {
  const counts = counted.get(port) ?? new Map<string, number>()
  counted.set(port, counts)
  return {
    add: (key, { windowMs }) =>
      turn(async () => {
        const count = (counts.get(key) ?? 0) + 1
        await tick()
        counts.set(key, count)
        return { count, leftMs: windowMs }
      }),
  }
}
