import { message } from '@trunkline/conformance/fixtures'
import type { MessageStep, NewEvent, Store } from '@trunkline/core/store'
import { median } from '../end-to-end/statistics.js'
import type { Subject } from './subjects.js'

/** What one subject came to, by operation: the median of its times and, where there is a server, round trips for each. */
export type Figures = Record<string, { value: number; unit: 'ms' | 'bytes' | 'ratio'; roundTrips?: number }>

const EPOCH = { epoch: 1 }
const REPEATS = 300
/** An operation that takes so long is repeated less often, but not less than this. */
const PATIENCE_MS = 5_000
const FEWEST = 5
/** Accounts that are linked. */
const LINKED = 5

const binary = (bytes: number, seed: number) => ({ type: 'Buffer', data: Buffer.alloc(bytes, seed).toString('base64') })
const record = (shape: unknown) => Buffer.from(JSON.stringify(shape))

// Sizes as measured of Baileys 7.0.0-rc14: credentials 4.2 kB, a pre-key 164 bytes, a session record 1.4 kB.
const CREDS = record({ padding: 'x'.repeat(4_170) })
const preKey = (id: number) => ({
  type: 'pre-key',
  id: String(id),
  value: record({ private: binary(32, id), public: binary(32, id) }),
})
const ratchet = (id: number) => ({
  type: 'session',
  id: `20000000000${id % 100}_1.0`,
  value: record({ padding: `${id}`.padEnd(1_360, 'x') }),
})
const journal = (id: number) => ({ type: 'inbox', id: `entry-${id}`, value: record({ padding: 'x'.repeat(400) }) })

export async function measure(subject: Subject, { rows }: { rows: number }): Promise<Figures> {
  const figures: Figures = {}
  const timed = async (name: string, times: number, work: (number: number) => Promise<unknown>) => {
    const tripsBefore = subject.roundTrips?.() ?? 0
    const samples: number[] = []
    const firstAt = performance.now()
    while (samples.length < times && (samples.length < FEWEST || performance.now() - firstAt < PATIENCE_MS)) {
      const startedAt = performance.now()
      await work(samples.length)
      samples.push(performance.now() - startedAt)
    }
    const roundTrips = subject.roundTrips && (subject.roundTrips() - tripsBefore) / samples.length
    figures[name] = { value: median(samples), unit: 'ms', ...(roundTrips === undefined ? {} : { roundTrips }) }
  }

  const { auth, store } = subject
  const preKeys = Array.from({ length: 812 }, (_, id) => preKey(id))
  await timed('linking: credentials and 812 pre-keys', LINKED, (n) =>
    auth.commit(`linking${n}`, { creds: CREDS, puts: preKeys }, EPOCH),
  )
  const last = await auth.readKeys('linking0', 'pre-key', ['811'])
  if (!last.has('811')) throw new Error('A pre-key is not there after linking')
  if (subject.bytes) {
    figures['a linked account'] = { value: (await subject.bytes()) / LINKED, unit: 'bytes' }
  }

  await auth.commit('s', { creds: CREDS, puts: Array.from({ length: 100 }, (_, id) => ratchet(id)) }, EPOCH)
  await timed('auth of an inbound message', REPEATS, async (n) => {
    await auth.commit('s', { puts: [ratchet(n), journal(n)] }, EPOCH)
    await auth.commit('s', { deletes: [journal(n)] }, EPOCH)
  })
  await timed('auth of an outbound message', REPEATS, (n) => auth.commit('s', { puts: [ratchet(n)] }, EPOCH))
  await timed('cold start: credentials and 30 keys', 50, async () => {
    await auth.readCreds('s')
    const ids = Array.from({ length: 30 }, (_, id) => ratchet(id).id)
    const found = await auth.readKeys('s', 'session', ids)
    if (found.size < ids.length) throw new Error(`Only ${found.size} of ${ids.length} sessions are there`)
  })
  if (store) await measureMessages(store, { timed, rows, figures })
  return figures
}

const FEW_ROWS = 10_000
const PAGES = [
  'page of 50, newest',
  'page of 50, from the middle',
  'page of 5 of one chat',
  'page of 50 chats',
] as const

interface Measuring {
  timed(name: string, times: number, work: (number: number) => Promise<unknown>): Promise<void>
  rows: number
  figures: Figures
}

async function measureMessages(store: Store, { timed, rows, figures }: Measuring): Promise<void> {
  const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString()
  const raw = Buffer.alloc(227, 7)
  // As the publisher of a session, which knows the number of its last event.
  let lastSeq: number | undefined
  const record = async (step: Omit<MessageStep, 'events'>, event: NewEvent) => {
    const { events } = await store.messages.record('s', { ...step, events: () => [event] }, { lastSeq })
    lastSeq = events[0]?.event.seq
  }

  await timed('all of an inbound message', REPEATS, async (n) => {
    const inbound = message({ id: `IN${n}`, timestamp: at(n), raw })
    await store.auth.commit('s', { puts: [ratchet(n), journal(n)] }, EPOCH)
    await record({ messages: [inbound] }, { name: 'message', at: at(n), payload: { message: inbound }, key: `IN${n}` })
    await store.auth.commit('s', { deletes: [journal(n)] }, EPOCH)
  })
  await timed('all of an outbound message', REPEATS, async (n) => {
    const outbound = message({ id: `OUT${n}`, timestamp: at(n), raw, fromMe: true })
    await store.messages.upsert('s', [outbound])
    await store.auth.commit('s', { puts: [ratchet(n)] }, EPOCH)
    const change = { kind: 'status' as const, status: 'sent' as const, timestamp: outbound.timestamp }
    await record(
      { changes: [{ ref: { id: `OUT${n}`, chatId: outbound.chatId }, change }] },
      { name: 'message-sent', at: at(n), payload: { message: outbound }, key: `OUT${n}` },
    )
  })

  const CHUNK = 1_000
  const history = (session: string, first: number) =>
    store.messages.upsert(
      session,
      Array.from({ length: CHUNK }, (_, n) => {
        const number = first + n
        const chatId = `1555${1_000_000 + (number % 2_000)}@s.whatsapp.net`
        return message({ id: `H${number}`, chatId, timestamp: at(number), source: 'history', raw })
      }),
    )
  await timed('history sync: 50,000 messages in 2,000 chats', 1, async () => {
    for (let first = 0; first < 50_000; first += CHUNK) await history('history', first)
  })

  const totals = rows > FEW_ROWS ? [FEW_ROWS, rows] : [FEW_ROWS]
  for (const total of totals) {
    const session = `rows${total}`
    for (let first = 0; first < total; first += CHUNK) await history(session, first)
    const chatId = `1555${1_000_000 + 7}@s.whatsapp.net`
    const middle = at(total / 2)
    const { messages, chats } = store
    const page = async (name: string, read: () => Promise<unknown>) => {
      // Both sizes with warm code and warm pages of the file.
      for (let n = 0; n < FEWEST; n++) await read()
      await timed(`${name}, ${total.toLocaleString('en')} rows`, 200, read)
    }
    await page(PAGES[0], () => messages.page(session, { limit: 50 }))
    await page(PAGES[1], () => messages.page(session, { limit: 50, before: middle }))
    await page(PAGES[2], () => messages.page(session, { limit: 5, chatId }))
    await page(PAGES[3], () => chats.page(session, { limit: 50 }))
  }
  if (totals.length < 2) return
  for (const name of PAGES) {
    const [few, many] = totals.map((total) => figures[`${name}, ${total.toLocaleString('en')} rows`]?.value)
    figures[`${name}, most rows to 10,000`] = { value: (many ?? Number.NaN) / (few ?? Number.NaN), unit: 'ratio' }
  }
}
