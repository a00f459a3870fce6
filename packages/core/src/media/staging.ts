import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { FileKind } from '../ports/connector.js'
import type { FileFacts, MediaDesk, MediaType, StagedFile } from '../ports/media-desk.js'
import { measured } from '../records/media.js'
import type { MediaInput } from '../types/content.js'
import { LIMITS } from '../types/limits.js'
import type { AddressGuard } from '../util/address-guard.js'
import { filmFacts, soundFacts } from './film-facts.js'
import { guardedFetch } from './guarded-fetch.js'
import { readOggOpus } from './ogg-opus.js'
import { pictureFacts, stickerFacts, toSticker } from './pictures.js'
import { sniffed } from './sniffed.js'
import { makeStagingFolder, sweepStagingFolders, toStagingError } from './staging-folders.js'
import { toVoice, unsupported } from './to-voice.js'

export interface MediaDeskOptions {
  /** Which hosts of URLs may be asked. */
  guard: AddressGuard
  silenceMs: number
  lookup?: LookupFunction
}

const KINDS: Record<MediaType, FileKind> = {
  image: 'image',
  sticker: 'image',
  video: 'video',
  document: 'document',
  audio: 'audio',
  voice: 'audio',
}
const PIECE_BYTES = 128 * 1024
const VOICE_TYPE = 'audio/ogg; codecs=opus'

/**
 * Files on their way out, each in a folder of its own that only this user can read, and that is gone when the file is. What a process
 * that was killed has left behind is removed here.
 */
export function createMediaDesk(options: MediaDeskOptions): MediaDesk {
  // Whatever keeps it from being removed keeps no file from being sent.
  void sweepStagingFolders().catch(() => undefined)
  return {
    async stage(input, { type, signal }) {
      const folder = await makeStagingFolder()
      const release = () => rm(folder, { recursive: true, force: true })
      try {
        return { ...(await stageIn(folder, input, { ...options, type, signal })), release }
      } catch (error) {
        await release()
        throw error
      }
    },
  }
}

interface Staging extends MediaDeskOptions {
  type: MediaType
  signal: AbortSignal | undefined
}

async function stageIn(folder: string, input: MediaInput, staging: Staging): Promise<Omit<StagedFile, 'release'>> {
  const { type, signal } = staging
  const given = join(folder, 'given')
  const { mediaType, sha256 } = await takeIn(given, input, staging)
  const said = input.mimetype ?? mediaType ?? sniffed(await beginningOf(given))
  const { path, about } = await lookAt(given, { folder, type, said, signal })
  const isChanged = path !== given
  return {
    file: {
      kind: KINDS[type],
      bytes: (await stat(path)).size,
      sha256: isChanged ? await hashOf(path) : sha256,
      read: () => piecesOf(path),
    },
    about: { ...about, ...(input.fileName ? { fileName: input.fileName } : {}) },
    givenSha256: sha256,
  }
}

/** @throws what the source throws */
async function takeIn(
  path: string,
  input: MediaInput,
  { type, signal, guard, silenceMs, lookup }: Staging,
): Promise<{ mediaType?: string; sha256: string }> {
  const maxBytes = LIMITS.media.maxBytes[type]
  const fetched =
    'url' in input ? await guardedFetch(input.url, { guard, maxBytes, silenceMs, signal, lookup }) : undefined
  const { chunks, result } = measured(fetched?.chunks ?? chunksOf(input), { maxBytes, signal })
  try {
    await pipeline(chunks, createWriteStream(path, { mode: 0o600 }))
  } catch (error) {
    const cause = TrunklineError.is(error, 'OPERATION_ABORTED') ? error.cause : undefined
    const why = TrunklineError.is(cause) ? cause : error
    // Only the file here is written: what is read may fail in any way.
    if ((why as NodeJS.ErrnoException).syscall === 'write') throw toStagingError(why)
    if (!TrunklineError.is(why, 'PAYLOAD_TOO_LARGE')) throw why
    throw new TrunklineError('PAYLOAD_TOO_LARGE', {
      message: `media: a file that is sent as ${type} may have ${maxBytes} bytes at most`,
      cause: why,
    })
  }
  const { bytes, sha256 } = result()
  if (bytes === 0) throw unsupported('The file is empty')
  return { ...(fetched?.mediaType ? { mediaType: fetched.mediaType } : {}), sha256 }
}

async function* chunksOf(input: MediaInput): AsyncGenerator<Uint8Array> {
  if ('stream' in input) yield* input.stream
  else if ('data' in input) yield typeof input.data === 'string' ? Buffer.from(input.data, 'base64') : input.data
}

async function lookAt(
  given: string,
  { folder, type, said, signal }: { folder: string; type: MediaType; said: string; signal: AbortSignal | undefined },
): Promise<{ path: string; about: FileFacts }> {
  switch (type) {
    case 'image':
      return { path: given, about: { mimetype: said, ...(await pictureFacts(given)) } }
    case 'sticker': {
      const path = sniffed(await beginningOf(given)) === 'image/webp' ? given : join(folder, 'sticker')
      if (path !== given) await toSticker(given, path)
      return { path, about: { mimetype: 'image/webp', ...(await stickerFacts(path)) } }
    }
    case 'voice': {
      const asIs = await readOggOpus(piecesOf(given))
      if (asIs) return { path: given, about: { mimetype: VOICE_TYPE, ...asIs } }
      const path = join(folder, 'voice')
      await toVoice(given, path, signal)
      const made = await readOggOpus(piecesOf(path))
      if (!made) throw unsupported('ffmpeg made no voice note of this file')
      return { path, about: { mimetype: VOICE_TYPE, ...made } }
    }
    case 'audio': {
      const opus = await readOggOpus(piecesOf(given))
      const { seconds } = opus ?? (await soundFacts(given, { folder, signal }))
      return { path: given, about: { mimetype: said, ...(seconds ? { seconds } : {}) } }
    }
    case 'video':
      return { path: given, about: { mimetype: said, ...(await filmFacts(given, { folder, signal })) } }
    case 'document':
      return { path: given, about: { mimetype: said } }
  }
}

async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * A file, in pieces that are good until the next one is asked for: all of them are the same memory. Memory of their own for each
 * lies outside of the JavaScript heap, and enough of it has all of the heap collected, more than once for each file that is sent.
 */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  try {
    const memory = Buffer.allocUnsafeSlow(PIECE_BYTES)
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, PIECE_BYTES, null)
      if (bytesRead === 0) return
      yield memory.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of piecesOf(path)) hash.update(chunk)
  return hash.digest('hex')
}
