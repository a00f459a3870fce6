import { ManualClock } from '@trunkline/conformance/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../memory/memory-store.js'
import type { MediaStore } from '../ports/media-store.js'
import { pictureIdOf } from '../records/media.js'
import { deferred } from '../util/deferred.js'
import { PICTURES_A_MINUTE, PictureFiles } from './picture-files.js'

const PREVIEW = { preview: true }

describe('pictures of people', () => {
  const clock = new ManualClock()
  const asked: string[] = []
  let media: MediaStore
  let files: PictureFiles
  let gate: Promise<void>

  beforeEach(() => {
    asked.length = 0
    gate = Promise.resolve()
    const store = createMemoryStore({ clock })
    media = store.media
    const timestamp = () => new Date(clock.now()).toISOString()
    files = new PictureFiles({ state: { id: 's', timestamp }, services: { clock, store } })
  })

  const keep = (id: string) =>
    files.keep(
      { id, address: id, ...PREVIEW },
      {
        async picture(address) {
          asked.push(address)
          await gate
          return { state: 'shown', url: `https://pps.whatsapp.net/${address}` }
        },
        async *pictureBytes(url) {
          yield Buffer.from(url)
        },
      },
    )
  const stat = (id: string) => media.stat({ sessionId: 's', mediaId: pictureIdOf(id, PREVIEW) })

  it('are asked for once, however many want the same at once', async () => {
    const opened = deferred<void>()
    gate = opened.promise
    const all = [keep('a@lid'), keep('a@lid'), keep('b@lid')]
    opened.resolve()
    await Promise.all(all)
    expect(asked).toEqual(['a@lid', 'b@lid'])
    expect(await stat('a@lid')).toBeDefined()
  })

  it('are not asked for too often, and again when the minute is over', async () => {
    for (let n = 0; n < PICTURES_A_MINUTE; n += 1) await keep(`${n}@lid`)
    await clock.advance(10_000)
    await expect(keep('more@lid')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterSeconds: 50 },
    })
    await clock.advance(50_000)
    await keep('more@lid')
    expect(await stat('more@lid')).toBeDefined()
  })
})
