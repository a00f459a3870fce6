import sharp from 'sharp'
import { oggOpus } from '../../../packages/core/test/support/ogg-opus.js'
import type { Files } from './side.js'

const DOCUMENT_BYTES = 1024 * 1024

/** A photo of a phone's size, half a minute of speech, and a document of 1 MiB. */
export async function makeFiles(): Promise<Files> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 20 }
  const image = await sharp({ create: { width: 1600, height: 1200, channels: 3, background: 'teal', noise } })
    .jpeg({ quality: 60 })
    .toBuffer()
  const document = Buffer.alloc(DOCUMENT_BYTES, 'page of a document, ')
  return { image: another(image), voice: another(oggOpus(30)), document: another(document) }
}

/** Copies of a file with something else behind each. */
function another(file: Buffer): () => Buffer {
  let made = 0
  return () => {
    made += 1
    const end = Buffer.alloc(4)
    end.writeUInt32BE(made)
    return Buffer.concat([file, end])
  }
}
