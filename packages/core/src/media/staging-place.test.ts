import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryShare } from '../util/memory-share.js'
import { StagingPlace } from './staging-place.js'

const KIB = 1024
const [EACH, ALL] = [512 * KIB, 1024 * KIB]

let folder: string
let before: string | undefined
let memory: MemoryShare
let place: StagingPlace

beforeEach(async () => {
  before = process.env.TMPDIR
  folder = await mkdtemp(join(tmpdir(), 'staging-place-'))
  process.env.TMPDIR = folder
  memory = new MemoryShare({ maxBytes: ALL, maxBytesEach: EACH })
  place = new StagingPlace(memory)
})
afterEach(async () => {
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  await rm(folder, { recursive: true, force: true })
})

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of source) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

async function* failing(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
  throw new Error('the source broke')
}

const onDisk = () => readdir(folder)

describe('a file on its way out', () => {
  it.each([
    ['of one byte', 1, 1, true],
    ['in small pieces', 200 * KIB, 1_000, true],
    ['in one piece', 300 * KIB, 300 * KIB, true],
    ['as large as may be in memory', EACH, 64 * KIB, true],
    ['that comes in crumbs', 5_000, 1, false],
    ['that is larger', EACH + 1, 64 * KIB, false],
    ['that is larger, in one piece', EACH + 1, EACH + 1, false],
    ['that is much larger', 3 * ALL, 64 * KIB, false],
  ])('%s is whole, twice over, in memory or on the disk', async (_, bytes, size, inMemory) => {
    const given = randomBytes(bytes)
    const staged = await place.keep(cut(given, size))
    expect((await all(staged.read())).equals(given)).toBe(true)
    expect((await all(staged.read())).equals(given)).toBe(true)
    expect(staged.bytes).toBe(bytes)
    expect(await onDisk()).toHaveLength(inMemory ? 0 : 1)
    // A large one leaves to others what it had begun to take.
    expect(memory.taken > 0).toBe(inMemory)
    await place.release()
    await place.release()
    expect([await onDisk(), memory.taken]).toEqual([[], 0])
  })

  it('that is in memory already is not copied', async () => {
    const given = randomBytes(300 * KIB)
    expect((await place.keep(cut(given, given.length), given)).whole()).toBe(given)
  })

  it('is on the disk when others take the memory, and in memory when they are gone', async () => {
    const others = [new StagingPlace(memory), new StagingPlace(memory)]
    for (const other of others) await other.keep(cut(randomBytes(EACH), EACH))
    const given = randomBytes(64 * KIB)
    expect((await all((await place.keep(cut(given, 1_000))).read())).equals(given)).toBe(true)
    expect(await onDisk()).toHaveLength(1)
    await others[0]?.release()
    await new StagingPlace(memory).keep(cut(given, 1_000), given)
    expect(await onDisk()).toHaveLength(1)
  })

  it('is written for a program that wants a path, once', async () => {
    const given = randomBytes(200 * KIB)
    const staged = await place.keep(cut(given, KIB))
    const [path, same] = await Promise.all([staged.path(), staged.path()])
    expect(path).toBe(same)
    expect((await readFile(path)).equals(given)).toBe(true)
    await place.release()
    expect(existsSync(path)).toBe(false)
  })

  it.each([
    ['early', KIB],
    ['late', ALL],
  ])('that breaks off %s leaves nothing behind', async (_, bytes) => {
    await expect(place.keep(failing(randomBytes(bytes)))).rejects.toThrow('the source broke')
    await place.release()
    expect([await onDisk(), memory.taken]).toEqual([[], 0])
  })

  it('for which there is no folder lets go of what it is read from, and says where it should be', async () => {
    let isLeft = false
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(64 * KIB)
      } finally {
        isLeft = true
      }
    }
    process.env.TMPDIR = join(folder, 'missing')
    await expect(place.keep(endless())).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('missing'),
    })
    expect(isLeft).toBe(true)
    await place.release()
    expect(memory.taken).toBe(0)
  })
})
