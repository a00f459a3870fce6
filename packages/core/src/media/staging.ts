import { createHash } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { FileKind } from '../ports/connector.js'
import type { FileFacts, MediaDesk, MediaType, StagedFile } from '../ports/media-desk.js'
import { measured } from '../records/media.js'
import type { MediaInput } from '../types/content.js'
import { LIMITS } from '../types/limits.js'
import type { AddressGuard } from '../util/address-guard.js'
import type { MemoryShare } from '../util/memory-share.js'
import { filmFacts, soundFacts } from './film-facts.js'
import { guardedFetch } from './guarded-fetch.js'
import { readOggOpus } from './ogg-opus.js'
import { pictureFacts, stickerFacts, toSticker } from './pictures.js'
import { mediaTypeFor, sniffed } from './sniffed.js'
import { sweepStagingFolders } from './staging-folders.js'
import { type StagedBytes, StagingPlace } from './staging-place.js'
import { toVoice, unsupported } from './to-voice.js'

export interface MediaDeskOptions {
  /** Which hosts of URLs may be asked. */
  guard: AddressGuard
  silenceMs: number
  /** What small files may take of it, all of them together. */
  memory: MemoryShare
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
const VOICE_TYPE = 'audio/ogg; codecs=opus'

/**
 * Files on their way out, each in a place of its own that is free again when the file is gone. What a process that was killed has left
 * behind on the disk is removed here.
 */
export function createMediaDesk({ memory, ...options }: MediaDeskOptions): MediaDesk {
  // Whatever keeps it from being removed keeps no file from being sent.
  void sweepStagingFolders().catch(() => undefined)
  return {
    async stage(input, { type, signal }) {
      const place = new StagingPlace(memory)
      const release = () => place.release()
      try {
        return { ...(await stageIn(place, input, { ...options, type, signal })), release }
      } catch (error) {
        await release()
        throw error
      }
    },
  }
}

interface Staging extends Omit<MediaDeskOptions, 'memory'> {
  type: MediaType
  signal: AbortSignal | undefined
}

async function stageIn(place: StagingPlace, input: MediaInput, staging: Staging): Promise<Omit<StagedFile, 'release'>> {
  const { type, signal } = staging
  const { given, mediaType, sha256 } = await takeIn(place, input, staging)
  const said = mediaTypeFor(type, { said: input.mimetype ?? mediaType, found: sniffed(await beginningOf(given)) })
  if (said === undefined) throw unsupported(`It cannot be sent as ${type}: it is something else`)
  const { staged, about } = await lookAt(given, { place, type, said, signal })
  return {
    file: {
      kind: KINDS[type],
      bytes: staged.bytes,
      sha256: staged === given ? sha256 : await hashOf(staged),
      read: () => staged.read(),
    },
    about: { ...about, ...(input.fileName ? { fileName: input.fileName } : {}) },
    givenSha256: sha256,
  }
}

/** @throws what the source throws */
async function takeIn(
  place: StagingPlace,
  input: MediaInput,
  { type, signal, guard, silenceMs, lookup }: Staging,
): Promise<{ given: StagedBytes; mediaType?: string; sha256: string }> {
  const maxBytes = LIMITS.media.maxBytes[type]
  const fetched =
    'url' in input ? await guardedFetch(input.url, { guard, maxBytes, silenceMs, signal, lookup }) : undefined
  const whole = 'data' in input ? bytesOf(input.data) : undefined
  const source = fetched?.chunks ?? ('stream' in input ? input.stream : one(whole ?? NOTHING))
  const { chunks, result } = measured(source, { maxBytes, signal })
  try {
    const given = await place.keep(chunks, whole)
    if (given.bytes === 0) throw emptyFile()
    return { given, ...(fetched?.mediaType ? { mediaType: fetched.mediaType } : {}), sha256: result().sha256 }
  } catch (error) {
    const cause = TrunklineError.is(error, 'OPERATION_ABORTED') ? error.cause : undefined
    const why = TrunklineError.is(cause) ? cause : error
    if (!TrunklineError.is(why, 'PAYLOAD_TOO_LARGE')) throw why
    throw new TrunklineError('PAYLOAD_TOO_LARGE', {
      message: `media: a file that is sent as ${type} may have ${maxBytes} bytes at most`,
      cause: why,
    })
  }
}

function emptyFile(): TrunklineError<'VALIDATION_FAILED'> {
  const [field, message] = ['media', 'must not be an empty file']
  return new TrunklineError('VALIDATION_FAILED', {
    message: `${field} ${message}`,
    details: { errors: [{ field, message }] },
  })
}

const NOTHING = new Uint8Array(0)

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, 'base64') : data
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

interface Looking {
  place: StagingPlace
  type: MediaType
  said: string
  signal: AbortSignal | undefined
}

async function lookAt(
  given: StagedBytes,
  { place, type, said, signal }: Looking,
): Promise<{ staged: StagedBytes; about: FileFacts }> {
  switch (type) {
    case 'image':
      return { staged: given, about: { mimetype: said, ...(await pictureFacts(given.whole())) } }
    case 'sticker': {
      const isSticker = sniffed(await beginningOf(given)) === 'image/webp'
      const staged = isSticker ? given : await keptOf(place, await toSticker(given.whole()))
      return { staged, about: { mimetype: 'image/webp', ...(await stickerFacts(staged.whole())) } }
    }
    case 'voice': {
      const asIs = await readOggOpus(given.read())
      if (asIs) return { staged: given, about: { mimetype: VOICE_TYPE, ...asIs } }
      const path = await place.pathFor('voice')
      await toVoice(await given.path(), path, signal)
      const staged = await place.made(path)
      const made = await readOggOpus(staged.read())
      if (!made) throw unsupported('ffmpeg made no voice note of this file')
      return { staged, about: { mimetype: VOICE_TYPE, ...made } }
    }
    case 'audio': {
      const opus = await readOggOpus(given.read())
      const { seconds } = opus ?? (await soundFacts(await given.path(), { folder: await place.folder(), signal }))
      return { staged: given, about: { mimetype: said, ...(seconds ? { seconds } : {}) } }
    }
    case 'video': {
      const facts = await filmFacts(await given.path(), { folder: await place.folder(), signal })
      return { staged: given, about: { mimetype: said, ...facts } }
    }
    case 'document':
      return { staged: given, about: { mimetype: said } }
  }
}

function keptOf(place: StagingPlace, bytes: Uint8Array): Promise<StagedBytes> {
  return place.keep(one(bytes), bytes)
}

async function beginningOf(staged: StagedBytes): Promise<Buffer> {
  for await (const piece of staged.read()) return Buffer.from(piece.subarray(0, 16))
  return Buffer.alloc(0)
}

async function hashOf(staged: StagedBytes): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of staged.read()) hash.update(piece)
  return hash.digest('hex')
}
