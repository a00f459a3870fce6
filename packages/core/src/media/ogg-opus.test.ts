import { describe, expect, it } from 'vitest'
import { oggOpus } from '../../test/support/ogg-opus.js'
import { readOggOpus } from './ogg-opus.js'

/** As whoever reads a file gives it: all pieces are the same memory. */
async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(size)
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size)
    piece.set(part)
    yield piece.subarray(0, part.length)
  }
}

describe('a voice note', () => {
  const voice = oggOpus(3)

  it.each([1, 26, 28, 47, 300, 4_096, 65_536])('says the same in pieces of %i bytes', async (size) => {
    const whole = await readOggOpus(cut(voice, voice.length))
    expect(whole).toMatchObject({ seconds: 3 })
    expect(whole?.waveform).toHaveLength(64)
    expect(await readOggOpus(cut(voice, size))).toEqual(whole)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['the head of a page alone', voice.subarray(0, 40)],
    ['a page of something else', Buffer.concat([voice.subarray(0, 28), Buffer.alloc(200, 'x')])],
    ['what breaks off into something else', Buffer.concat([voice, Buffer.alloc(100, 'x')])],
    ['no Ogg', Buffer.alloc(1_000, 'RIFF')],
  ])('is not %s', async (_, bytes) => {
    expect(await readOggOpus(cut(bytes, 64))).toBeUndefined()
  })

  it('that ends within a page is as long as its whole pages', async () => {
    const facts = await readOggOpus(cut(voice.subarray(0, voice.length - 1), 64))
    expect(facts?.seconds).toBeGreaterThan(0)
    expect(facts?.seconds).toBeLessThan(3)
  })
})
