// A process of its own that uses the file of its first argument, to be killed from outside.
import { message } from '@trunkline/conformance/fixtures'
import { createSqliteStore } from '../src/index.js'

const [path = '', task = ''] = process.argv.slice(2)
const store = createSqliteStore({ path })
await store.setup()

if (task === 'hold') {
  await store.leases.acquire('s', { owner: 'child', ttlMs: 3_600_000 })
  process.stdout.write('holding\n')
  setInterval(() => {}, 1_000)
}

if (task === 'write') {
  const stored = Number(Buffer.from((await store.auth.readCreds('s')) ?? []).toString() || 0)
  for (let number = stored + 1; ; number++) {
    const value = Buffer.from(String(number))
    const puts = [0, 1, 2].map((key) => ({ type: 'session', id: String(key), value }))
    await store.auth.commit('s', { creds: value, puts }, { epoch: 1 })
    await store.messages.upsert('s', [message({ id: String(number) })])
    process.stdout.write(`${number}\n`)
  }
}
