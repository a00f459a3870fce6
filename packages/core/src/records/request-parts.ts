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

/** The request again. */
export function together(data: SendData, file: Chunks | undefined): SendRequest {
  if (!('media' in data)) return data
  const { url, ...names } = data.media
  const media: MediaInput = url === undefined ? { ...names, stream: file ?? chunksOf({ data: '' }) } : { ...names, url }
  return { ...data, media }
}

async function* chunksOf(source: { data: string | Uint8Array } | { stream: Chunks }): AsyncGenerator<Uint8Array> {
  if ('stream' in source) yield* source.stream
  else yield typeof source.data === 'string' ? Buffer.from(source.data, 'base64') : source.data
}
