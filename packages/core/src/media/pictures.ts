import type { Sharp, SharpOptions } from 'sharp'
import type { FileFacts } from '../ports/media-desk.js'
import { unsupported } from './to-voice.js'

const THUMBNAIL_PX = 72
const STICKER_PX = 512
/** Below a text with a link. */
const PREVIEW_PX = 192
const MAX_PREVIEW_BYTES = 12_000
/** A small file may unfold to far more than the memory holds. */
const MAX_PIXELS = 100_000_000

/** Its bytes, or where they are. */
type Picture = Uint8Array | string

type SharpFunction = (picture: Picture, options?: SharpOptions) => Sharp

/** sharp, where it is installed: pictures are sent without size and small picture otherwise. */
async function loadSharp(): Promise<SharpFunction | undefined> {
  try {
    const { default: sharp } = await import('sharp')
    return sharp
  } catch {
    return undefined
  }
}

/** Size and small picture. @throws UNSUPPORTED_MEDIA_TYPE when it is no picture, as far as sharp is there to tell */
export async function pictureFacts(picture: Picture): Promise<Partial<FileFacts>> {
  return factsOf(picture, async (picture) => ({ thumbnail: await smaller(picture, THUMBNAIL_PX) }))
}

/** Size alone: a sticker has no small picture, and is not decoded for one. @throws UNSUPPORTED_MEDIA_TYPE as `pictureFacts` */
export async function stickerFacts(picture: Picture): Promise<Partial<FileFacts>> {
  return factsOf(picture, async () => ({}))
}

async function factsOf(
  given: Picture,
  more: (picture: Sharp) => Promise<Pick<FileFacts, 'thumbnail'>>,
): Promise<Partial<FileFacts>> {
  const sharp = await loadSharp()
  if (!sharp) return {}
  try {
    const picture = sharp(given, { limitInputPixels: MAX_PIXELS })
    const { autoOrient, pages } = await picture.metadata()
    const { width, height } = autoOrient
    return { width, height, ...(await more(picture)), ...((pages ?? 1) > 1 ? { animated: true } : {}) }
  } catch (cause) {
    throw unsupported('It is no picture that can be read', cause)
  }
}

/** Of the picture of a page; none without sharp. Rejects when it is no picture. */
export async function previewOf(picture: Uint8Array): Promise<Uint8Array | undefined> {
  const sharp = await loadSharp()
  const shrunk = (px: number) => sharp && smaller(sharp(picture, { limitInputPixels: MAX_PIXELS }), px)
  const preview = await shrunk(PREVIEW_PX)
  return preview && preview.length > MAX_PREVIEW_BYTES ? shrunk(THUMBNAIL_PX) : preview
}

async function smaller(picture: Sharp, px: number): Promise<Uint8Array> {
  const jpeg = await picture
    .rotate()
    .resize(px, px, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 50 })
    .toBuffer()
  return Uint8Array.from(jpeg)
}

/** A WebP of 512 × 512, as stickers are. @throws UNSUPPORTED_MEDIA_TYPE */
export async function toSticker(picture: Picture): Promise<Uint8Array> {
  const sharp = await loadSharp()
  if (!sharp) throw unsupported('A sticker has to be WebP: to make it of anything else, sharp has to be installed')
  try {
    const transparent = { r: 0, g: 0, b: 0, alpha: 0 }
    return await sharp(picture, { limitInputPixels: MAX_PIXELS })
      .rotate()
      .resize(STICKER_PX, STICKER_PX, { fit: 'contain', background: transparent })
      .webp()
      .toBuffer()
  } catch (cause) {
    throw unsupported('It is no picture that can be read', cause)
  }
}
