import { TrunklineError } from '../errors/trunkline-error.js'
import type { FileNames, MediaInput, SendData, SendRequest } from '../types/content.js'

type Chunks = AsyncIterable<Uint8Array>

/** A request as JSON carries it, and beside it the bytes of its file, where they are given. */
export function inParts(request: SendRequest): { data: SendData; file?: Chunks } {
  if (!('media' in request)) return { data: request }
  const { mimetype, fileName, ...source } = request.media
  const names: FileNames = { ...(mimetype ? { mimetype } : {}), ...(fileName ? { fileName } : {}) }
  if ('url' in source) return { data: { ...request, media: { ...names, url: source.url } } }
  return { data: { ...request, media: names }, file: chunksOf(source) }
}

/** As `inParts`, for one of many: bytes go with the JSON. @throws VALIDATION_FAILED for a stream, which belongs to one request alone */
export function asJson(request: SendRequest): SendData {
  if (!('media' in request)) return request
  const { media } = request
  if ('url' in media) return inParts(request).data
  if ('stream' in media) throw noStreams()
  const { data, ...names } = media
  const text = typeof data === 'string' ? data : Buffer.from(data).toString('base64')
  return { ...request, media: { ...names, data: text } }
}

function noStreams(): TrunklineError {
  const message = 'must not be a stream in a batch'
  const details = { errors: [{ field: 'media.stream', message }] }
  return new TrunklineError('VALIDATION_FAILED', { message: `media.stream ${message}`, details })
}

/** The request again. */
export function together(data: SendData, file: Chunks | undefined): SendRequest {
  if (!('media' in data)) return data
  return { ...data, media: mediaOf(data.media, file) }
}

function mediaOf({ url, data, ...names }: FileNames, file: Chunks | undefined): MediaInput {
  if (url !== undefined) return { ...names, url }
  return data === undefined ? { ...names, stream: file ?? chunksOf({ data: '' }) } : { ...names, data }
}

async function* chunksOf(source: { data: string | Uint8Array } | { stream: Chunks }): AsyncGenerator<Uint8Array> {
  if ('stream' in source) yield* source.stream
  else yield typeof source.data === 'string' ? Buffer.from(source.data, 'base64') : source.data
}
