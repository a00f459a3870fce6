import { TrunklineError } from '../../errors/trunkline-error.js'

/** What WhatsApp's own apps send. */
const SIDE = 640
const QUALITY = 50
/** More than any photo needs, and not enough to fill a process: a small file may be a very large image. */
const MAX_PIXELS = 100_000_000

/**
 * A picture as WhatsApp takes it: a square JPEG of 640 pixels, the middle of what was given. Without `sharp` it has to be one
 * already.
 *
 * @throws PICTURE_INVALID
 */
export async function profilePicture(given: Uint8Array): Promise<Uint8Array> {
  const sharp = await loadSharp()
  if (!sharp) return fittingJpeg(given)
  try {
    return await sharp(given, { limitInputPixels: MAX_PIXELS })
      .rotate()
      .resize(SIDE, SIDE, { fit: 'cover' })
      .jpeg({ quality: QUALITY })
      .toBuffer()
  } catch (cause) {
    throw new TrunklineError('PICTURE_INVALID', { message: 'This is no picture that can be read', cause })
  }
}

/** An optional companion: whoever does not need pictures does not install it. */
async function loadSharp() {
  try {
    return (await import('sharp')).default
  } catch {
    return undefined
  }
}

/** The same picture, where it is what WhatsApp takes. */
export function fittingJpeg(given: Uint8Array): Uint8Array {
  const size = jpegSize(given)
  if (size && size.width === size.height && size.width >= 192 && size.width <= SIDE) return given
  throw new TrunklineError('PICTURE_INVALID', {
    message: `Without the package sharp a picture has to be a square JPEG of 192 to ${SIDE} pixels`,
  })
}

/** From the frame header of a JPEG; nothing for what is none. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return undefined
  let at = 2
  while (at + 9 < bytes.length) {
    const marker = view.getUint16(at)
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    if (marker >> 8 !== 0xff) return undefined
    at += 2 + view.getUint16(at + 2)
  }
  return undefined
}
