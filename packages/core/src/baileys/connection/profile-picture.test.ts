import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { fittingJpeg, jpegSize, profilePicture } from './profile-picture.js'

const jpeg = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'white' } })
    .jpeg()
    .toBuffer()

describe('a picture', () => {
  it('is turned upright, cut to its middle and scaled', async () => {
    const made = await sharp(await profilePicture(await jpeg(1_000, 400))).metadata()
    expect([made.format, made.width, made.height]).toEqual(['jpeg', 640, 640])
  })

  it('that cannot be read is refused', async () => {
    await expect(profilePicture(Buffer.from('<svg'))).rejects.toMatchObject({ code: 'PICTURE_INVALID' })
  })

  it.each([
    [640, 640],
    [192, 192],
  ])('of %d by %d goes as it is where nothing can scale it', async (width, height) => {
    const given = await jpeg(width, height)
    expect(jpegSize(given)).toEqual({ width, height })
    expect(fittingJpeg(given)).toBe(given)
  })

  it.each([
    ['too large', () => jpeg(700, 700)],
    ['no square', () => jpeg(640, 320)],
    ['no JPEG', async () => Buffer.from('\x89PNG')],
    ['cut off', async () => (await jpeg(640, 640)).subarray(0, 20)],
  ])('that is %s is refused there', async (_what, make) => {
    const given = await make()
    expect(() => fittingJpeg(given)).toThrow(expect.objectContaining({ code: 'PICTURE_INVALID' }))
  })
})
