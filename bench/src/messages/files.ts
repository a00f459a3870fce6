import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { oggOpus } from '../../../packages/core/test/support/ogg-opus.js'
import type { Files } from './side.js'

const DOCUMENT_BYTES = 1024 * 1024

/** A photo of a phone's size, a sticker, three seconds of film, half a minute of speech, and a document of 1 MiB. */
export async function makeFiles(): Promise<Files> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 20 }
  const image = await sharp({ create: { width: 1600, height: 1200, channels: 3, background: 'teal', noise } })
    .jpeg({ quality: 60 })
    .toBuffer()
  const sticker = await sharp({ create: { width: 512, height: 512, channels: 4, background: 'teal', noise } })
    .webp({ quality: 60 })
    .toBuffer()
  const document = Buffer.alloc(DOCUMENT_BYTES, 'page of a document, ')
  return {
    image: another(image),
    sticker: another(sticker),
    video: another(await film()),
    voice: another(oggOpus(30)),
    document: another(document),
  }
}

/** Made by ffmpeg. Without it there is none here, and neither side can look at one: what is sent then is no film, and nothing is filled in. */
async function film(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-film-'))
  try {
    const file = join(folder, 'film.mp4')
    const source = ['-f', 'lavfi', '-i', 'testsrc=duration=3:size=640x480:rate=15', '-pix_fmt', 'yuv420p']
    await promisify(execFile)('ffmpeg', ['-loglevel', 'error', ...source, file])
    return await readFile(file)
  } catch {
    console.error('No ffmpeg: the video is no film')
    return Buffer.alloc(256 * 1024, 'no film, ')
  } finally {
    await rm(folder, { recursive: true })
  }
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
