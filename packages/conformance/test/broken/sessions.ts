import {
  encodeCursor,
  type SessionRecord,
  type SessionSortField,
  type SessionStore,
  searchForm,
  sessionSortValue,
  TrunklineError,
} from '@trunkline/core/store'
import { session } from '../../src/fixtures.js'
import { type BrokenStore, cached, lock, noLock, onceReopened, sessions, type Turn, tick } from './broken-store.js'

const FILTERS = 'filters by status, by a text in id or label, and by metadata, all of which have to fit, on every page'
const ORDERS = 'lists in every order, from either end, each record once, whatever else is asked for'

export const BROKEN_SESSIONS: BrokenStore[] = [
  {
    name: 'overwrites an id in use',
    caughtBy: 'refuses an id in use and writes nothing',
    wrap: sessions(({ insert, remove }) => ({
      async insert(record) {
        await remove(record.id)
        return insert(record)
      },
    })),
  },
  {
    name: 'looks before it inserts, and does not look again',
    caughtBy: 'gives an id to one of many that want it at once',
    wrap: sessions((port) => lookingFirst(port, noLock)),
  },
  {
    name: 'looks before it inserts, under a lock that only its own process sees',
    caughtBy: 'gives an id to one of two instances that want it at once',
    wrap: sessions((port) => lookingFirst(port, lock())),
  },
  {
    name: 'answers missing fields as undefined',
    caughtBy: 'keeps a record with every field and one with none that may be missing',
    wrap: sessions(({ get }) => ({
      async get(id) {
        const record = await get(id)
        return record && ({ label: undefined, ...record } as typeof record)
      },
    })),
  },
  {
    name: 'takes dots in metadata for paths',
    caughtBy: 'keeps a record with every field and one with none that may be missing',
    wrap: sessions(({ insert }) => ({
      insert: (record) =>
        insert({
          ...record,
          metadata: Object.fromEntries(
            Object.entries(record.metadata).map(([key, value]) => [key.split('.')[0] ?? '', value]),
          ),
        }),
    })),
  },
  {
    name: 'lists in the order of insertion',
    caughtBy: 'lists by id, ascending, each record once, with a cursor only where there is more',
    wrap: sessions(({ list }) => ({
      async list(options) {
        const page = await list(options)
        return { ...page, items: page.items.reverse() }
      },
    })),
  },
  {
    name: 'lists deleted sessions',
    caughtBy: 'leaves out deleted sessions, and filters by ids and by what is desired, on every page',
    wrap: sessions(({ list }) => ({ list: (options) => list({ ...options, includeDeleted: true }) })),
  },
  {
    name: 'sorts a page by itself',
    caughtBy: ORDERS,
    wrap: sessions(({ list }) => ({
      async list({ sort = 'id', ...options }) {
        const page = await list(options)
        const sortedBy = (record: SessionRecord) => sessionSortValue(record, sort.replace('-', '') as SessionSortField)
        const sorted = page.items.toSorted((left, right) => (sortedBy(left) < sortedBy(right) ? -1 : 1))
        return { ...page, items: sort.startsWith('-') ? sorted.reverse() : sorted }
      },
    })),
  },
  {
    name: 'goes on behind all that have the same as the last of a page',
    caughtBy: ORDERS,
    wrap: sessions(({ list }) => ({
      async list(options) {
        const [sort, value] = JSON.parse(Buffer.from(options.cursor ?? 'W10', 'base64url').toString())
        const last = options.sort?.startsWith('-') ? '' : '~'
        const cursor = value === undefined ? options.cursor : encodeCursor([sort, value, last])
        return list({ ...options, ...(cursor === undefined ? {} : { cursor }) })
      },
    })),
  },
  {
    name: 'puts all of a label into a cursor',
    caughtBy: 'gives cursors that are no longer than a query may have, whatever stands in a label',
    wrap: sessions(({ list }) => ({
      async list({ cursor, ...options }) {
        const given = cursor === undefined ? {} : { cursor: cursor.split('=')[0] ?? '' }
        const { nextCursor, ...page } = await list({ ...options, ...given })
        const label = searchForm(page.items.at(-1)?.label ?? '')
        return { ...page, ...(nextCursor === undefined ? {} : { nextCursor: `${nextCursor}=${label}` }) }
      },
    })),
  },
  {
    name: 'takes a cursor in any order',
    caughtBy: 'refuses a cursor of a list in another order',
    wrap: sessions(({ list }) => ({
      list: (options) =>
        list(options).catch(() => list({ limit: options.limit, ...(options.sort ? { sort: options.sort } : {}) })),
    })),
  },
  {
    name: 'forgets the status where a text is asked for',
    caughtBy: FILTERS,
    wrap: sessions(({ list }) => ({
      list: ({ status, ...options }) => list({ ...options, ...(status && !options.text ? { status } : {}) }),
    })),
  },
  {
    name: 'knows the capital letters of English only',
    caughtBy:
      'finds a text in id or label whatever the case of its letters, in any language, also after the label has changed',
    wrap: sessions(({ list }) => ({
      async list({ text = '', ...options }) {
        const { items, ...page } = await list(options)
        const lower = (some: string) => some.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
        const fits = ({ id, label }: SessionRecord) => lower(`${id} ${label ?? ''}`).includes(lower(text))
        return { ...page, items: items.filter(fits) }
      },
    })),
  },
  {
    name: 'tells capital letters of a text apart',
    caughtBy: FILTERS,
    wrap: sessions(({ list }) => ({
      async list(options) {
        const page = await list(options)
        const fits = ({ id, label }: SessionRecord) => `${id} ${label ?? ''}`.includes(options.text ?? '')
        return { ...page, items: page.items.filter(fits) }
      },
    })),
  },
  {
    name: 'looks at the first name of metadata only',
    caughtBy: FILTERS,
    wrap: sessions(({ list }) => ({
      list: ({ metadata, ...options }) =>
        list({
          ...options,
          ...(metadata ? { metadata: Object.fromEntries(Object.entries(metadata).slice(0, 1)) } : {}),
        }),
    })),
  },
  {
    name: 'takes every request for one to whoever asks',
    caughtBy: 'lists those with a request to a node, until it is answered',
    wrap: sessions(({ list }) => ({
      async list({ requestsTo, ...options }) {
        const page = await list(options)
        return { ...page, items: page.items.filter(({ request }) => !requestsTo || request) }
      },
    })),
  },
  {
    name: 'counts deleted sessions',
    caughtBy: 'counts sessions at rest by what makes them alike, and names the others',
    wrap: sessions(({ tally, list }) => ({
      async tally(options) {
        const { resting, running } = await tally(options)
        const { items } = await list({ limit: 200, includeDeleted: true })
        const gone = items.filter(({ deletedAt, status }) => deletedAt && status === 'connected')
        return { resting, running: [...running, ...gone] }
      },
    })),
  },
  {
    name: 'counts sessions whose status has another reason as alike',
    caughtBy: 'counts sessions at rest by what makes them alike, and names the others',
    wrap: sessions(({ tally }) => ({
      async tally(options) {
        const { resting, running } = await tally(options)
        return { resting: resting.map(({ code: _, ...heap }) => heap), running }
      },
    })),
  },
  {
    name: 'counts all sessions, whichever are asked for',
    caughtBy: 'counts these alone, and without those',
    wrap: sessions(({ tally }) => ({ tally: () => tally() })),
  },
  {
    name: 'counts once, and again when a session is made',
    caughtBy: 'counts what was updated, reported, incremented and removed, as it is now',
    wrap: sessions((port) => cached(port, 'tally', ['insert'])),
  },
  {
    name: 'lists every deleted session, whenever it was deleted',
    caughtBy: 'lists those that were deleted before a time, and no other',
    wrap: sessions(({ list }) => ({
      list: ({ deletedBefore, ...options }) =>
        list({ ...options, ...(deletedBefore ? { deletedBefore: '9999-12-31T00:00:00.000Z' } : {}) }),
    })),
  },
  {
    name: 'filters after it has cut the page',
    caughtBy: 'leaves out deleted sessions, and filters by ids and by what is desired, on every page',
    wrap: sessions(({ list }) => ({
      async list({ desired, ...options }) {
        const page = await list(options)
        return { ...page, items: page.items.filter((record) => !desired || record.desired === desired) }
      },
    })),
  },
  {
    name: 'takes any text for a cursor',
    caughtBy: 'refuses a cursor that is none',
    wrap: sessions(({ list }) => ({ list: (options) => list(options).catch(() => list({ limit: options.limit })) })),
  },
  {
    name: 'leaves a field that is set to null as null',
    caughtBy: 'writes the fields that are given, removes those that are null, and raises the revision by one',
    wrap: sessions(({ update }) => ({
      async update(id, changes, options) {
        const record = await update(id, changes, options)
        const nulls = Object.entries(changes).filter(([, value]) => value === null)
        return record && { ...record, ...Object.fromEntries(nulls) }
      },
    })),
  },
  {
    name: 'does not compare revisions',
    caughtBy: 'writes only on the expected revision',
    wrap: sessions(({ update }) => ({ update: (id, changes) => update(id, changes) })),
  },
  {
    name: 'adds by reading and writing back',
    caughtBy: 'loses no increment when many come at once, also beside updates',
    wrap: sessions((port) => addingUp(port, noLock)),
  },
  {
    name: 'adds by reading and writing back, under a lock that only its own process sees',
    caughtBy: 'loses no increment of two instances',
    wrap: sessions((port) => addingUp(port, lock())),
  },
  {
    name: 'raises the revision with every increment',
    caughtBy: 'loses no increment when many come at once, also beside updates',
    wrap: sessions(({ increment, update }) => ({
      async increment(increments) {
        await increment(increments)
        for (const { sessionId } of increments) await update(sessionId, {})
      },
    })),
  },
  {
    name: 'makes sessions out of increments',
    caughtBy: 'adds to the counters of many sessions and passes over those that are not there',
    wrap: sessions(({ insert, increment }) => ({
      async increment(increments) {
        for (const { sessionId } of increments) await insert(session(sessionId))
        await increment(increments)
      },
    })),
  },
  {
    name: 'takes whatever last activity comes last',
    caughtBy: 'moves the last activity forward only',
    wrap: sessions(({ increment, report }) => ({
      async increment(increments) {
        await increment(increments)
        for (const { sessionId, lastActivityAt } of increments) {
          if (lastActivityAt) await report(sessionId, { lastActivityAt }, { epoch: 1 })
        }
      },
    })),
  },
  {
    name: 'makes the session that it is told to update',
    caughtBy: 'answers undefined for a session that is not there',
    wrap: sessions(({ insert, update }) => ({
      async update(id, ...rest) {
        await insert(session(id))
        return update(id, ...rest)
      },
    })),
  },
  {
    name: 'reads a list of errors once and hands out the same one each time',
    caughtBy: 'keeps nothing by reference',
    wrap: sessions(({ get }) => {
      const lists = new Map<string, SessionRecord['errors']>()
      return {
        async get(id) {
          const record = await get(id)
          if (!record) return undefined
          const errors = lists.get(id) ?? record.errors
          lists.set(id, errors)
          return { ...record, errors }
        },
      }
    }),
  },
  {
    name: 'counts revisions in memory',
    caughtBy: 'finds records, counters and revisions after close and open',
    wrap: onceReopened(
      sessions(({ get }) => ({
        async get(id) {
          const record = await get(id)
          return record && { ...record, revision: 1 }
        },
      })),
    ),
  },
  {
    name: 'gives the id of a deleted session away',
    caughtBy: 'keeps the id of a deleted session taken until the record is removed',
    wrap: sessions(({ get, insert, remove }) => ({
      async insert(record) {
        if ((await get(record.id))?.deletedAt) await remove(record.id)
        return insert(record)
      },
    })),
  },
  {
    name: 'removes a field that is undefined',
    caughtBy: 'leaves a field that is undefined alone, and takes null for one that is not there',
    wrap: sessions(({ update }) => ({
      update: (id, changes, options) =>
        update(id, Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? null])), options),
    })),
  },
  {
    name: 'compares revisions and writes a moment later',
    caughtBy: 'lets one of many updates of the same revision through, and loses none without an expected revision',
    wrap: sessions(({ get, update }) => ({
      async update(id, changes, { expectedRevision } = {}) {
        const revision = (await get(id))?.revision
        if (expectedRevision !== undefined && expectedRevision !== revision) return undefined
        await tick()
        return update(id, changes)
      },
    })),
  },
  {
    name: 'writes a whole record back with the change in it',
    caughtBy: 'lets one of many updates of the same revision through, and loses none without an expected revision',
    wrap: sessions(({ get, update }) => ({
      async update(id, changes, options) {
        const record = await get(id)
        await tick()
        const { label = null, desired, deletedAt = null } = record ?? {}
        const read = { label, ...(desired ? { desired } : {}), deletedAt }
        return update(id, { ...read, ...changes }, options)
      },
    })),
  },
  {
    name: 'keeps the changes of the caller',
    caughtBy: 'keeps nothing by reference',
    wrap: sessions(({ update, get }) => {
      const kept = new Map<string, SessionRecord['metadata'] | null>()
      return {
        async update(id, changes, options) {
          const updated = await update(id, changes, options)
          if (updated && changes.metadata) kept.set(id, changes.metadata)
          return updated
        },
        async get(id) {
          const found = await get(id)
          return found && { ...found, metadata: kept.get(id) ?? found.metadata }
        },
      }
    }),
  },
  {
    name: 'raises the revision with every report',
    caughtBy: 'writes what an owner reports, removes what is null, and leaves the revision alone',
    wrap: sessions(({ report, update }) => ({
      async report(id, changes, options) {
        await report(id, changes, options)
        return update(id, {})
      },
    })),
  },
  {
    name: 'takes a report for an update of anybody',
    caughtBy: 'refuses a former owner once a newer epoch has reported, be it an empty report, and writes nothing of it',
    wrap: sessions(({ report }) => ({
      report: (id, changes) => report(id, changes, { epoch: Number.MAX_SAFE_INTEGER }),
    })),
  },
  {
    name: 'passes over an empty report',
    caughtBy: 'refuses a former owner once a newer epoch has reported, be it an empty report, and writes nothing of it',
    wrap: sessions(({ report, get }) => ({
      report: (id, changes, options) => (Object.keys(changes).length > 0 ? report(id, changes, options) : get(id)),
    })),
  },
  {
    name: 'writes what a former owner reports, and refuses it afterwards',
    caughtBy: 'refuses a former owner once a newer epoch has reported, be it an empty report, and writes nothing of it',
    wrap: sessions(({ report, update }) => ({
      async report(id, changes, options) {
        return report(id, changes, options).catch(async (error: unknown) => {
          await update(id, { updatedAt: '2030-01-01T00:00:00.000Z' })
          throw error
        })
      },
    })),
  },
  {
    name: 'has one fence for all sessions',
    caughtBy: 'fences each session by itself, and no update of anybody',
    wrap: sessions(({ report, get }) => {
      let fence = 0
      return {
        async report(id, changes, { epoch }) {
          if (!(await get(id))) return undefined
          if (epoch < fence) throw new TrunklineError('LEASE_LOST', { details: { sessionId: id } })
          fence = epoch
          return report(id, changes, { epoch })
        },
      }
    }),
  },
  {
    name: 'makes the session that is reported on',
    caughtBy: 'makes no session out of a report',
    wrap: sessions(({ insert, report }) => ({
      async report(id, ...rest) {
        await insert(session(id))
        return report(id, ...rest)
      },
    })),
  },
  {
    name: 'forgets the epoch with the record',
    caughtBy: 'refuses a former owner of a removed session on the next session of its id',
    wrap: sessions(({ remove, report }) => {
      const forgotten = new Set<string>()
      return {
        async remove(id) {
          await remove(id)
          forgotten.add(id)
        },
        report: (id, changes, { epoch }) => report(id, changes, { epoch: forgotten.has(id) ? epoch + 1_000 : epoch }),
      }
    }),
  },
  {
    name: 'keeps its fences in memory',
    caughtBy: 'refuses a former owner after close and open',
    wrap: onceReopened(
      sessions(({ report }) => ({ report: (id, changes, { epoch }) => report(id, changes, { epoch: epoch + 1_000 }) })),
    ),
  },
  {
    name: 'knows the fences of its own instance only',
    caughtBy: 'refuses a former owner on another instance',
    wrap: (store, { opening }) =>
      sessions(({ report }) => ({
        report: (id, changes, { epoch }) => report(id, changes, { epoch: epoch + 1_000 * (2 - opening) }),
      }))(store),
  },
  {
    name: 'reports by reading and writing back',
    caughtBy: 'loses neither reports nor updates nor increments that come at once',
    wrap: sessions(({ get, report }) => ({
      async report(id, changes, options) {
        const record = await get(id)
        await tick()
        const { status, attempts } = record ?? session(id)
        return report(id, { status, attempts, ...changes }, options)
      },
    })),
  },
]

function lookingFirst({ get, insert, remove }: SessionStore, turn: Turn): Partial<SessionStore> {
  return {
    insert: (record) =>
      turn(async () => {
        if (await get(record.id)) return false
        await tick()
        await remove(record.id)
        return insert(record)
      }),
  }
}

function addingUp({ get, increment }: SessionStore, turn: Turn): Partial<SessionStore> {
  return {
    increment: (increments) =>
      turn(async () => {
        for (const { sessionId, counters, ...rest } of increments) {
          const before = (await get(sessionId))?.counters
          await tick()
          const now = (await get(sessionId))?.counters
          if (!before || !now) continue
          const sums = Object.entries(before).map(([name, count]) => {
            const counter = name as keyof typeof now
            return [counter, count + (counters[counter] ?? 0) - now[counter]]
          })
          await increment([{ sessionId, counters: Object.fromEntries(sums), ...rest }])
        }
      }),
  }
}
