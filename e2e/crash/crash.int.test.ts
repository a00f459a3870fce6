import { describe, expect, it } from 'vitest'
import { Campaign, type StoreKind } from './campaign.js'
import { deathsIn } from './deaths.js'

// Each story is killed once, in a place of its own: `npm run crash` tries every place, a run of all tests every STRIDE-th.
const ALL = process.env.CRASH === 'all'
const STRIDE = ALL ? 1 : 7
const AT_ONCE = 2
const TIMEOUT_MS = ALL ? 7_200_000 : 600_000

const { TEST_MONGODB_URI, TEST_MONGODB_REPLICA_SET_URI, REQUIRE_MONGO } = process.env
if (!TEST_MONGODB_URI && REQUIRE_MONGO === '1') throw new Error('REQUIRE_MONGO=1, but TEST_MONGODB_URI names no server')

const stores: [string, StoreKind | undefined][] = [
  ['SQLite', { kind: 'sqlite' }],
  ['files', { kind: 'files' }],
  ['MongoDB', mongoAt(TEST_MONGODB_URI)],
  // Commits are transactions there; a server that `MONGODB_URI` names is one or the other.
  ...(TEST_MONGODB_REPLICA_SET_URI
    ? [['MongoDB as a replica set', mongoAt(TEST_MONGODB_REPLICA_SET_URI)] satisfies [string, StoreKind | undefined]]
    : []),
]

/** The application is killed, not its server, which other suites keep busy at the same time: it may take its time. */
function mongoAt(given: string | undefined): StoreKind | undefined {
  if (!given) return undefined
  const uri = new URL(given)
  uri.searchParams.set('serverSelectionTimeoutMS', '60000')
  return { kind: 'mongo', uri: uri.href }
}

describe.each(stores)('an application with its account on %s', (store, kind) => {
  const skipped = kind ? '' : ' (skipped: TEST_MONGODB_URI names no server; run `npm test`)'
  const title = 'keeps its account and every message, wherever SIGKILL ends it while it links, receives and answers'

  it.skipIf(!kind)(`${title}${skipped}`, { timeout: TIMEOUT_MS }, async () => {
    const campaign = await Campaign.start(kind!)
    try {
      const calls = await campaign.whole()
      const deaths = deathsIn(calls, { stride: STRIDE })
      const all = deathsIn(calls, { stride: 1 }).length
      console.log(
        `${store}: ${calls.length} calls to the store; killed in ${deaths.length} of ${all} places${ALL ? '' : ', `npm run crash` tries all'}`,
      )
      const failed: unknown[] = []
      const worker = async () => {
        for (let death = deaths.shift(); death; death = deaths.shift()) {
          const problems = await campaign.withDeath(death)
          if (problems.length > 0) failed.push({ ...death, name: calls[death.call - 1], problems })
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      expect(failed).toEqual([])
      expect(campaign.objections).toEqual([])
    } finally {
      await campaign.end()
    }
  })
})
