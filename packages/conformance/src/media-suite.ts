import { createHash } from 'node:crypto'
import type { MediaRange, MediaStore, PutMediaOptions } from '@trunkline/core/store'
import { expect } from 'vitest'
import { hex, rejection, times } from './expectations.js'
import { at, noise } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const CHUNK = 64 * 1024
const ref = (mediaId: string, sessionId = 's') => ({ sessionId, mediaId })
const options = (changes: Partial<PutMediaOptions> = {}): PutMediaOptions => ({
  maxBytes: 1_000_000_000,
  storedAt: at(0),
  ...changes,
})

async function* chunksOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

/** Gives two chunks, then does as told. */
async function* thenDoes(work: () => unknown): AsyncGenerator<Uint8Array> {
  yield noise(CHUNK, 1)
  yield noise(CHUNK, 2)
  await work()
  yield noise(CHUNK, 3)
}

async function bytesOf(media: MediaStore, mediaId: string, range?: MediaRange): Promise<string | undefined> {
  const found = await media.read(ref(mediaId), range)
  if (!found) return undefined
  const chunks = []
  for await (const chunk of found.chunks) chunks.push(chunk)
  return hex(Buffer.concat(chunks))
}

const storing = promise<'media'>('storing', [
  {
    name: 'gives back the bytes, their number and hash, and what was said about them',
    async run({ open }) {
      const media = (await open()).media
      const parts = [noise(CHUNK, 1), noise(7, 2), new Uint8Array(), noise(300_000, 3)]
      const whole = Buffer.concat(parts)
      const about = { mimeType: 'image/jpeg', fileName: 'Grüße/../1 🙂.jpg' }
      const stored = await media.put(ref('m'), chunksOf(...parts), options(about))
      expect(stored).toStrictEqual({
        ...ref('m'),
        ...about,
        bytes: whole.length,
        sha256: createHash('sha256').update(whole).digest('hex'),
        storedAt: at(0),
      })
      expect(await media.stat(ref('m'))).toStrictEqual(stored)
      expect((await media.read(ref('m')))?.media).toStrictEqual(stored)
      expect(await bytesOf(media, 'm')).toBe(hex(whole))
      expect(await bytesOf(media, 'm')).toBe(hex(whole))
      const { mediaId: _, ...same } = stored
      const known = await media.put(ref('known'), chunksOf(...parts), options({ ...about, sha256: stored.sha256 }))
      expect(known).toStrictEqual({ ...same, mediaId: 'known' })
      expect(await media.stat(ref('known'))).toStrictEqual(known)
    },
  },
  {
    name: 'stores nothing as something: a file of no bytes is there',
    async run({ open }) {
      const media = (await open()).media
      expect(await media.put(ref('empty'), chunksOf(), options())).toMatchObject({ bytes: 0 })
      expect(await media.stat(ref('empty'))).toMatchObject({ bytes: 0 })
      expect(await bytesOf(media, 'empty')).toBe('')
    },
  },
  {
    name: 'keeps files of any ids apart',
    async run({ open }) {
      const media = (await open()).media
      const refs = [ref('m'), ref('m', 't'), ref('../m'), ref('a/b'), ref('a|b'), ref('b', 's|a'), ref('M'), ref('m ')]
      for (const [n, one] of refs.entries()) await media.put(one, chunksOf(noise(10, n)), options())
      for (const [n, one] of refs.entries()) {
        const found = await media.read(one)
        for await (const chunk of found?.chunks ?? []) expect(hex(chunk)).toBe(hex(noise(10, n)))
      }
      expect(await media.stat(ref('never'))).toBeUndefined()
      expect(await media.read(ref('never'))).toBeUndefined()
    },
  },
  {
    name: 'replaces what was stored under the id, all of it',
    async run({ open }) {
      const media = (await open()).media
      await media.put(ref('m'), chunksOf(noise(CHUNK)), options({ mimeType: 'image/png', fileName: 'a' }))
      const second = await media.put(ref('m'), chunksOf(noise(9, 2)), options({ storedAt: at(5) }))
      expect(await media.stat(ref('m'))).toStrictEqual(second)
      expect(await bytesOf(media, 'm')).toBe(hex(noise(9, 2)))
    },
  },
  {
    name: 'keeps files through close and open',
    needs: ['durable'],
    async run({ open, reopen }) {
      const stored = await (await open()).media.put(ref('m'), chunksOf(noise(CHUNK)), options())
      const media = (await reopen()).media
      expect(await media.stat(ref('m'))).toStrictEqual(stored)
      expect(await bytesOf(media, 'm')).toBe(hex(noise(CHUNK)))
    },
  },
])

const halves = promise<'media'>('all or nothing', [
  {
    name: 'shows nothing of a file before it is whole',
    async run({ open }) {
      const media = (await open()).media
      let seen: unknown = 'not looked'
      const looks = thenDoes(async () => {
        seen = [await media.stat(ref('m')), await media.read(ref('m'))]
      })
      await media.put(ref('m'), looks, options())
      expect(seen).toEqual([undefined, undefined])
    },
  },
  {
    name: 'refuses what is too large as soon as it is, tells the source, and leaves nothing',
    async run({ open }) {
      const media = (await open()).media
      let asked = 0
      let returned = false
      async function* endless() {
        try {
          for (;;) {
            asked += 1
            yield noise(CHUNK)
          }
        } finally {
          returned = true
        }
      }
      await rejection(media.put(ref('m'), endless(), options({ maxBytes: CHUNK * 2 })), 'PAYLOAD_TOO_LARGE')
      expect(asked).toBeLessThan(20)
      expect(returned).toBe(true)
      expect(await media.stat(ref('m'))).toBeUndefined()
      const just = await media.put(ref('m'), chunksOf(noise(CHUNK), noise(CHUNK)), options({ maxBytes: CHUNK * 2 }))
      expect(just.bytes).toBe(CHUNK * 2)
    },
  },
  {
    name: 'keeps what was there when the source of its successor fails, and gives the reason',
    async run({ open }) {
      const media = (await open()).media
      const former = await media.put(ref('m'), chunksOf(noise(9)), options())
      const reason = new Error('the download broke')
      const failing = thenDoes(() => Promise.reject(reason))
      const error = await rejection(media.put(ref('m'), failing, options({ storedAt: at(9) })), 'OPERATION_ABORTED')
      expect(error.cause).toBe(reason)
      expect(await media.stat(ref('m'))).toStrictEqual(former)
      expect(await bytesOf(media, 'm')).toBe(hex(noise(9)))
    },
  },
  {
    name: 'ends when it is aborted, before and while it waits for its source',
    async run({ open }) {
      const media = (await open()).media
      const early = options({ signal: AbortSignal.abort(new Error('early')) })
      await rejection(media.put(ref('m'), chunksOf(noise(9)), early), 'OPERATION_ABORTED')
      const controller = new AbortController()
      const stuck = thenDoes(() => {
        controller.abort(new Error('late'))
        return new Promise(() => undefined)
      })
      const error = await rejection(
        media.put(ref('m'), stuck, options({ signal: controller.signal })),
        'OPERATION_ABORTED',
      )
      expect(error.cause).toBe(controller.signal.reason)
      expect(await media.stat(ref('m'))).toBeUndefined()
    },
  },
  {
    name: 'leaves one whole file of two that are put under one id at once',
    async run({ open }) {
      const media = (await open()).media
      const files = times(4).map((n) => noise(CHUNK * 3 + n, n + 1))
      const parts = (file: Uint8Array) => chunksOf(file.slice(0, CHUNK), file.slice(CHUNK))
      await Promise.all(files.map((file) => media.put(ref('m'), parts(file), options())))
      const found = await bytesOf(media, 'm')
      expect(files.map(hex)).toContain(found)
      const sha256 = createHash('sha256')
        .update(Buffer.from(found ?? '', 'hex'))
        .digest('hex')
      expect(await media.stat(ref('m'))).toMatchObject({ sha256 })
    },
  },
  {
    name: 'does not change with the memory of the caller',
    async run({ open }) {
      const media = (await open()).media
      const buffer = noise(CHUNK)
      async function* reusing() {
        for (const seed of [1, 2, 3]) {
          buffer.set(noise(CHUNK, seed))
          yield buffer
        }
      }
      await media.put(ref('m'), reusing(), options())
      expect(await bytesOf(media, 'm')).toBe(hex(Buffer.concat([1, 2, 3].map((seed) => noise(CHUNK, seed)))))
    },
  },
])

const reading = promise<'media'>('reading', [
  {
    name: 'gives any range of the bytes, what lies beyond the end left out',
    async run({ open }) {
      const media = (await open()).media
      const whole = Buffer.concat([noise(CHUNK * 5, 1), noise(CHUNK * 5, 2)])
      await media.put(ref('m'), chunksOf(whole.subarray(0, CHUNK), whole.subarray(CHUNK)), options())
      const ranges = [
        [0, 1],
        [CHUNK - 1, 2],
        [CHUNK * 4 + 5, CHUNK * 2],
        [whole.length - 3, 100],
        [whole.length, 5],
        [whole.length + 9, 5],
        [5, 0],
      ] as const
      for (const [offset, length] of ranges) {
        expect(await bytesOf(media, 'm', { offset, length })).toBe(hex(whole.subarray(offset, offset + length)))
      }
      expect(await bytesOf(media, 'm', { offset: CHUNK })).toBe(hex(whole.subarray(CHUNK)))
      expect(await bytesOf(media, 'm', { length: 10 })).toBe(hex(whole.subarray(0, 10)))
    },
  },
  {
    name: 'may stop anywhere, and may never begin',
    async run({ open }) {
      const media = (await open()).media
      await media.put(ref('m'), chunksOf(noise(CHUNK * 8)), options())
      await media.read(ref('m'))
      for await (const chunk of (await media.read(ref('m')))?.chunks ?? []) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
      expect(await media.remove(ref('m'))).toBe(true)
    },
  },
  {
    name: 'gives all of a file that is removed meanwhile, or says that it was aborted',
    async run({ open }) {
      const media = (await open()).media
      const whole = noise(CHUNK * 20)
      for (const early of [true, false]) {
        await media.put(ref('m'), chunksOf(whole), options())
        const found = await media.read(ref('m'))
        if (early) await media.remove(ref('m'))
        const read = async () => {
          const chunks: Uint8Array[] = []
          for await (const chunk of found?.chunks ?? []) {
            chunks.push(chunk)
            await media.remove(ref('m'))
          }
          return hex(Buffer.concat(chunks))
        }
        const outcome = await read().catch(async (error: unknown) => {
          await rejection(Promise.reject(error), 'OPERATION_ABORTED')
          return 'aborted'
        })
        expect([hex(whole), 'aborted']).toContain(outcome)
      }
    },
  },
])

const removing = promise<'media'>('removing', [
  {
    name: 'removes one file, and all of a session',
    async run({ open }) {
      const media = (await open()).media
      for (const id of ['a', 'b', 'c']) await media.put(ref(id), chunksOf(noise(9)), options())
      await media.put(ref('a', 't'), chunksOf(noise(9)), options())
      expect(await media.remove(ref('a'))).toBe(true)
      expect(await media.remove(ref('a'))).toBe(false)
      expect(await media.stat(ref('a'))).toBeUndefined()
      await media.removeAll('s')
      for (const id of ['a', 'b', 'c']) expect(await media.read(ref(id))).toBeUndefined()
      expect(await media.stat(ref('a', 't'))).toMatchObject({ bytes: 9 })
    },
  },
  {
    name: 'prunes by age, then the oldest until the rest has room, no more than asked for',
    async run({ open }) {
      const media = (await open()).media
      for (const n of [3, 1, 4, 0, 2]) await media.put(ref(`${n}`), chunksOf(noise(100)), options({ storedAt: at(n) }))
      const left = async () => {
        const found = await Promise.all(times(5).map((n) => media.stat(ref(`${n}`))))
        return found.flatMap((one) => one?.mediaId ?? [])
      }
      expect(await media.prune({ before: at(0), maxBytes: 500 })).toBe(0)
      expect(await media.prune({ before: at(1) })).toBe(1)
      expect(await left()).toEqual(['1', '2', '3', '4'])
      expect(await media.prune({ maxBytes: 250, limit: 1 })).toBe(1)
      expect(await left()).toEqual(['2', '3', '4'])
      expect(await media.prune({ maxBytes: 250 })).toBe(1)
      expect(await left()).toEqual(['3', '4'])
      expect(await media.prune({ before: at(4), maxBytes: 0 })).toBe(2)
      expect(await left()).toEqual([])
    },
  },
])

export const mediaCases = needing('media', [...storing, ...halves, ...reading, ...removing])

/** The promises of `Store.media`, for a store that has it. */
export function mediaStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'media'>): void {
  registerCases('media', mediaCases, subject)
}
