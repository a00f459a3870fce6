import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrunklineError } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toStoreError } from '../src/errors.js'
import { createSqliteStore } from '../src/index.js'

const ref = (mediaId: string) => ({ sessionId: 's', mediaId })
const options = { maxBytes: 100, storedAt: '2026-01-01T00:00:00.000Z' }

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

describe('the folder of media', () => {
  let folder: string
  let media: string
  const open = async () => {
    const store = createSqliteStore({ path: join(folder, 'file.db') })
    await store.setup()
    return store
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trunkline-sqlite-'))
    media = join(folder, 'file.db-media')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is not there before something is stored, and holds one file for each that is', async () => {
    const store = await open()
    expect(await readdir(folder)).not.toContain('file.db-media')
    await store.media.put(ref('a'), chunksOf('one', 'two'), options)
    await store.media.put(ref('b'), chunksOf('three'), options)
    await store.media.put(ref('a'), chunksOf('four'), options)
    expect(await readdir(media)).toHaveLength(2)
    await store.media.remove(ref('a'))
    await store.media.removeAll('s')
    expect(await readdir(media)).toEqual([])
    await store.close()
  })

  it('is where it is wanted', async () => {
    const mediaFolder = join(folder, 'elsewhere')
    const store = createSqliteStore({ path: join(folder, 'file.db'), mediaFolder })
    await store.setup()
    await store.media.put(ref('a'), chunksOf('one'), options)
    expect([(await readdir(mediaFolder)).length, (await readdir(folder)).includes('file.db-media')]).toEqual([1, false])
    await store.close()
  })

  it('holds nothing of what was refused, was aborted or failed', async () => {
    const store = await open()
    const tooLarge = store.media.put(ref('a'), chunksOf('x'.repeat(60), 'x'.repeat(60)), options)
    await expect(tooLarge).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    const signal = AbortSignal.abort(new Error('no more'))
    const aborted = store.media.put(ref('a'), chunksOf('x'), { ...options, signal })
    await expect(aborted).rejects.toMatchObject({ code: 'OPERATION_ABORTED' })
    expect(await readdir(media)).toEqual([])
    await store.close()
  })

  it('loses what a crash has left when the store is opened, and nothing else', async () => {
    const before = await open()
    await before.media.put(ref('a'), chunksOf('kept'), options)
    await before.close()
    const [kept] = await readdir(media)
    await writeFile(join(media, 'b5cf2c2e-6a5d-4a3f-9a8f-000000000000.part'), 'half')
    await writeFile(join(media, 'b5cf2c2e-6a5d-4a3f-9a8f-000000000001'), 'whole, and never committed')
    const store = await open()
    expect(await readdir(media)).toEqual([kept])
    const chunks: Uint8Array[] = []
    for await (const chunk of (await store.media.read(ref('a')))?.chunks ?? []) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('kept')
    await store.close()
  })

  it('keeps what is being written while the store is set up again', async () => {
    const store = await open()
    async function* meanwhile() {
      yield Buffer.from('one')
      await store.setup()
      yield Buffer.from('two')
    }
    await store.media.put(ref('a'), meanwhile(), options)
    expect(await store.media.stat(ref('a'))).toMatchObject({ bytes: 6 })
    await store.close()
  })

  it('says STORE_UNAVAILABLE when it cannot be written, and leaves the id as it was', async () => {
    const store = await open()
    await mkdir(folder, { recursive: true })
    await writeFile(media, 'a file in the place of the folder')
    const failed = store.media.put(ref('a'), chunksOf('x'), options)
    await expect(failed).rejects.toSatisfy((error) => TrunklineError.is(error, 'STORE_UNAVAILABLE'))
    expect(await store.media.stat(ref('a'))).toBeUndefined()
    await store.close()
  })

  it('says STORE_FULL when the disk has no room for a file', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    expect(toStoreError(full)).toMatchObject({ code: 'STORE_FULL', cause: full })
  })
})
