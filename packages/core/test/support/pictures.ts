import sharp from 'sharp'

/** A picture of one colour. */
export async function pngOf(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const background = { r: 1, g: 2, b: 3 }
  const bytes = await sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()
  return Uint8Array.from(bytes)
}

/** What a picture is, for who looks at its bytes. */
export async function pictureFactsOf(bytes: Uint8Array | undefined) {
  const { format, width, height } = await sharp(bytes).metadata()
  return { format, width, height }
}

export const jpegOf = (side: number, background = '#2f6f8f') =>
  sharp({ create: { width: side, height: side, channels: 3, background } })
    .jpeg()
    .toBuffer()

export const jpegOfSvg = (svg: string) => sharp(Buffer.from(svg)).resize(192, 192).jpeg().toBuffer()
