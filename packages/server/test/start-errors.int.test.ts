import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrunklineError } from '@trunkline/core'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { explain } from '../src/explain.js'
import { importAccounts, listArchives, seed, startServer } from '../src/index.js'

const logger = pino({ level: 'silent' })

let folder: string
let env: Record<string, string>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-start-'))
  env = { JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!', PORT: '0', DATA_DIR: join(folder, 'data') }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function outputOf(work: Promise<unknown>): Promise<string> {
  return explain(
    await work.then(
      () => 'it worked',
      (error: unknown) => error,
    ),
  )
}

/** An account that could be imported, so that what is wrong is the store. */
async function oneAccount(): Promise<string> {
  const path = join(folder, 'account')
  await mkdir(path)
  await writeFile(join(path, 'creds.json'), '{}')
  return path
}

const commands: [string, () => Promise<unknown>][] = [
  ['start', () => startServer(env, { logger })],
  ['seed', () => seed(env, { logger })],
  ['import', async () => importAccounts(env, { from: await oneAccount(), logger })],
  ['restore', () => listArchives(env, { sessionId: 'shop', logger })],
]

describe.each(commands)('%s', (_, run) => {
  it('names DATA_DIR, the path and the reason when that is a file', async () => {
    await writeFile(join(folder, 'data'), 'a file')
    const output = await outputOf(run())
    expect(output).toMatch(/^DATA_DIR \S+: path .*(ENOTDIR|EEXIST)/)
    expect(output).toContain(join(folder, 'data'))
  })

  it('names DATA_DIR, the path and the reason when a folder is where the file should be', async () => {
    await mkdir(join(folder, 'data', 'trunkline.db'), { recursive: true })
    const output = await outputOf(run())
    expect(output).toMatch(/^DATA_DIR \S+: path .*EISDIR/)
    expect(output).toContain(join(folder, 'data', 'trunkline.db'))
  })

  it('names the folder of credentials when that cannot be used', async () => {
    env.AUTH_STORAGE = 'file'
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', 'auth'), 'a file')
    const output = await outputOf(run())
    expect(output).toMatch(/^STORE_UNAVAILABLE: DATA_DIR \S+: .*(ENOTDIR|EEXIST)/)
    expect(output).toContain(join(folder, 'data', 'auth'))
  })

  it('names MONGODB_URI and the address that nobody answers at, and not the password', async () => {
    env.MONGODB_URI = 'mongodb://ada:hidden@127.0.0.1:1/trunkline?serverSelectionTimeoutMS=100'
    const output = await outputOf(run())
    expect(output).toMatch(/^STORE_UNAVAILABLE: MONGODB_URI: .*127\.0\.0\.1:1/)
    expect(output).not.toContain('hidden')
  })

  it.each(['mongodb://', 'mongodb://host:port/x', 'mongodb://a:b:c@127.0.0.1/x', 'mongodb://127.0.0.1/?nonsense=1'])(
    'names MONGODB_URI when that cannot be read: %s',
    async (uri) => {
      env.MONGODB_URI = uri
      const error = await run().catch((reason: unknown) => reason)
      expect(TrunklineError.is(error, 'CONFIG_INVALID')).toBe(true)
      expect(explain(error)).toMatch(/^MONGODB_URI ./)
    },
  )
})

describe('/readyz', () => {
  it('is not ready while the folder of credentials cannot be used, and ready when it can again', async () => {
    const server = await startServer({ ...env, AUTH_STORAGE: 'file' }, { logger })
    const auth = join(folder, 'data', 'auth')
    const until = async (status: number) => {
      for (;;) {
        const response = await fetch(`${server.url}/readyz`)
        const body = await response.json()
        if (response.status === status) return body
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    try {
      await until(200)
      await rename(auth, `${auth}-away`)
      await writeFile(auth, 'a file')
      expect(await until(503)).toEqual({ status: 'not_ready', reason: 'The store does not answer' })
      await rm(auth)
      await rename(`${auth}-away`, auth)
      await until(200)
    } finally {
      await server.close()
    }
  })

  it('is not ready while the store takes no writes, and says so', async () => {
    const server = await startServer(env, { logger })
    try {
      const { leases } = server.manager.store
      leases.acquire = () => Promise.reject(new TrunklineError('STORE_FULL'))
      for (;;) {
        const response = await fetch(`${server.url}/readyz`)
        if (response.status === 503) {
          expect(await response.json()).toEqual({ status: 'not_ready', reason: 'The store has no room left' })
          break
        }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    } finally {
      await server.close()
    }
  })
})
