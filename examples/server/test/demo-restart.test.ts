import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type DemoWorld, startDemoWorld } from '../src/demo/demo-world.js'

const PATIENCE_MS = 30_000
const mongoUri = process.env.TEST_MONGODB_URI

let folder: string
let world: DemoWorld | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-demo-'))
})
afterEach(async () => {
  await world?.close()
  await rm(folder, { recursive: true, force: true })
})

async function eventually<Value>(read: () => Promise<Value | undefined>): Promise<Value> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const value = await read().catch(() => undefined)
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error('It never came to be')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const connected = ({ server }: DemoWorld) =>
  eventually(async () => ((await server.manager.get('shop')).status === 'connected' ? true : undefined))

/** Links a session, starts the demo again on the same folder, and goes on. */
async function comesBack(options: { mongoUri?: string }): Promise<void> {
  const first = await startDemoWorld(folder, { port: 0, logLevel: 'silent', ...options })
  world = first
  await first.server.manager.create({ id: 'shop' })
  const { qr } = await eventually(() => first.server.manager.qr('shop'))
  await first.phones.ana.scanQr(qr)
  await connected(first)
  await first.server.manager.send('shop', { to: first.phones.carol.number, text: 'before' })
  await first.phones.carol.waitForMessage('before')
  await first.close()

  const second = await startDemoWorld(folder, { port: 0, logLevel: 'silent', ...options })
  world = second
  const names: string[] = []
  second.server.manager.onAny((name) => void names.push(name))
  await connected(second)
  await second.phones.carol.sendText(second.phones.ana.number, 'and after')
  const texts = await eventually(async () => {
    const { items } = await second.server.manager.messages('shop')
    return items.length === 2 ? items.map(({ text }) => text) : undefined
  })
  expect(texts).toEqual(['and after', 'before'])
  expect(names).not.toContain('qr')
  expect(second.secrets).toEqual(first.secrets)
}

it('comes back after a restart on SQLite: linked, with its messages', () => comesBack({}), 90_000)

if (!mongoUri)
  process.stderr.write('The demo on MongoDB is skipped: TEST_MONGODB_URI names no server; run `npm test`\n')
it.skipIf(!mongoUri)(
  'comes back after a restart on MongoDB: linked, with its messages',
  async () => {
    const uri = new URL(String(mongoUri))
    uri.pathname = `/demo-${randomUUID()}`
    try {
      await comesBack({ mongoUri: uri.href })
    } finally {
      await world?.close()
      world = undefined
      const client = await MongoClient.connect(uri.href)
      await client.db().dropDatabase()
      await client.close()
    }
  },
  90_000,
)
