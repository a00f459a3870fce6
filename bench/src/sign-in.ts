// 1,000 wrong logins at a server that others work with: how late their turns of its event loop are, and how quick their requests.
// GUESSES, AT_ONCE: how many.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { createApi, ensureAdmin } from '@trunkline/api'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { pino } from 'pino'
import { percentile } from './end-to-end/statistics.js'

const GUESSES = Number(process.env.GUESSES ?? 1_000)
/** As many as are hashed and queued, and more, which are refused. */
const AT_ONCE = Number(process.env.AT_ONCE ?? 50)
const LIMIT_MS = 100
const ADA = { email: 'ada@example.org', password: 'correct horse' }

const logger = pino({ level: 'silent' })
const manager = new MultiSessionManager({ store: createMemoryStore(), logger })
await ensureAdmin(manager.store.users, { name: 'Ada', ...ADA })
const api = createApi(manager, { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger })

const ask = (method: string, path: string, { headers = {}, body = '', ip = '127.0.0.1' } = {}) =>
  api.handle({
    method,
    path,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json', ...headers },
    body,
    ip,
  })
const signIn = (password: string, ip: string) =>
  ask('POST', '/auth/login', { body: JSON.stringify({ ...ADA, password }), ip })

const { accessToken } = JSON.parse(String((await signIn(ADA.password, '10.1.0.1')).body)) as { accessToken: string }
/** How late the event loop is, and how long a request of somebody else takes, while something goes on. */
async function during(work: () => Promise<void>): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const others: number[] = []
  let isOver = false
  const working = (async () => {
    while (!isOver) {
      const startedAt = performance.now()
      await ask('GET', '/auth/me', { headers: { authorization: `Bearer ${accessToken}` } })
      others.push(performance.now() - startedAt)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  delay.enable()
  await work()
  delay.disable()
  isOver = true
  await working
  const late = [50, 99].map((share) => (delay.percentile(share) / 1e6).toFixed(1))
  return [...late, ...[0.5, 0.99].map((share) => percentile(others, share).toFixed(1))].join(' | ')
}

const quiet = await during(() => new Promise((resolve) => setTimeout(resolve, 5_000)))
const statuses = new Map<number, number>()
const attacked = await during(async () => {
  for (let sent = 0; sent < GUESSES; sent += AT_ONCE) {
    const wave = Array.from({ length: Math.min(AT_ONCE, GUESSES - sent) }, (_, n) => sent + n)
    // From many networks: one alone would be throttled before anything is hashed.
    const answers = await Promise.all(wave.map((n) => signIn('a guess', `10.0.${n >> 8}.${n & 255}`)))
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
})
await manager.close()

const outcome = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')
console.log(`${GUESSES} wrong logins, ${AT_ONCE} at once: ${outcome} · Node.js ${process.versions.node}\n`)
console.log('| ms | loop late, p50 | p99 | a request of somebody else, p50 | p99 |\n|---|--:|--:|--:|--:|')
console.log(`| nobody guesses | ${quiet} |\n| meanwhile (at most ${LIMIT_MS} late, p99) | ${attacked} |`)
