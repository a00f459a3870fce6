import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore, TrunklineError } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WriteProbe } from './write-probe.js'

let folder: string
let clock: { now: number }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-probe-'))
  clock = { now: 0 }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const now = () => clock.now

describe('the write probe', () => {
  it('leaves nothing in the folder, which it makes', async () => {
    const auth = join(folder, 'auth')
    await new WriteProbe({ leases: createMemoryStore().leases, folder: auth, now }).check()
    expect(await readdir(auth)).toEqual([])
  })

  it('rejects with what the store says to a write, and is right again when that takes them', async () => {
    const { leases } = createMemoryStore()
    const { acquire } = leases
    const probe = new WriteProbe({ leases, now })
    leases.acquire = () => Promise.reject(new TrunklineError('STORE_FULL'))
    await expect(probe.check()).rejects.toMatchObject({ code: 'STORE_FULL' })
    leases.acquire = acquire
    clock.now += 2000
    await probe.check()
  })

  it('writes once for all who ask within two seconds', async () => {
    const { leases } = createMemoryStore()
    let writes = 0
    const probe = new WriteProbe({
      leases: {
        acquire(...call) {
          writes += 1
          return leases.acquire(...call)
        },
      },
      now,
    })
    await Promise.all([probe.check(), probe.check()])
    clock.now += 1999
    await probe.check()
    expect(writes).toBe(1)
    clock.now += 1
    await probe.check()
    expect(writes).toBe(2)
  })

  it('rejects with the path when the folder cannot be used', async () => {
    const auth = join(folder, 'auth')
    await writeFile(auth, 'a file')
    const probe = new WriteProbe({ leases: createMemoryStore().leases, folder: auth, now })
    await expect(probe.check()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: expect.objectContaining({ message: expect.stringContaining(auth) }),
    })
  })
})
