import { on } from 'node:events'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'
import type { FormBody } from '@trunkline/contract'
import { TrunklineError } from '@trunkline/core'
import { type BodyOptions, limited, tooLarge } from './body-stream.js'
import { invalid, parse, unsupportedBody } from './input.js'
import { isTaken } from './media-type.js'
import type { ApiRequest } from './request.js'
import type { ReadBody } from './upload.js'

export const FORM_MEDIA_TYPE = 'multipart/form-data'

/** Parts beyond those of the form that are still looked at, so that the answer can name what does not belong. */
const MAX_STRAY_PARTS = 20
const LIMITS = { headerSize: 8 * 1024, headerPairs: 20 }

interface Part {
  name: string | undefined
  fileName: string | undefined
  mediaType: string
  encoding: string
  stream: Readable
}

/**
 * Reads the fields of a form and stops where its file begins: what comes then is read by whoever reads the upload, no faster.
 *
 * @throws VALIDATION_FAILED · PAYLOAD_TOO_LARGE · REQUEST_TIMEOUT · UNSUPPORTED_MEDIA_TYPE · OPERATION_ABORTED
 */
export async function readForm(form: FormBody, request: ApiRequest, options: BodyOptions): Promise<ReadBody> {
  const over = new AbortController()
  const release = () => over.abort()
  const parts = partsOf(form, request, { ...options, signal: over.signal })
  try {
    const { texts, file } = await readFields(parts, options.limitBytes)
    const body = parse(form.fields, Object.fromEntries(texts), 'body')
    const { mediaType, fileName } = file
    if (!isTaken(form.file.mediaTypes, mediaType)) {
      throw unsupportedBody(`The file has to be ${form.file.mediaTypes.join(', ')}`, 'file')
    }
    const bytes = fileBytes(file, { parts, maxBytes: form.file.maxBytes, release })
    return { body, upload: { mediaType, ...(fileName ? { fileName: nameOf(fileName) } : {}), bytes }, release }
  } catch (error) {
    release()
    throw reasonOf(error)
  }
}

/** Browsers and `fetch` write quotes and ends of lines of a name as these, and nothing else (HTML, multipart/form-data). */
function nameOf(fileName: string): string {
  return fileName.replace(/%(?:22|0A|0D)/g, (sign) => decodeURIComponent(sign))
}

async function readFields(parts: AsyncGenerator<Part>, limitBytes: number) {
  const texts = new Map<string, string>()
  let bytes = 0
  for (;;) {
    const next = await parts.next()
    if (next.done) throw wrong('file', 'is missing')
    const part = next.value
    const name = part.name ?? ''
    if (!/^(?:7bit|8bit|binary)$/.test(part.encoding)) throw wrong(name || 'body', 'must not be encoded')
    if (name === 'file') return { texts, file: part }
    if (name === '') throw wrong('body', 'has a part without a name')
    if (part.fileName !== undefined) throw wrong(name, 'is no file of this form')
    if (texts.has(name)) throw wrong(name, 'is given more than once')
    const chunks: Uint8Array[] = []
    for await (const chunk of part.stream) {
      bytes += chunk.length
      if (bytes > limitBytes) throw tooLarge(limitBytes, 'All fields together')
      chunks.push(chunk)
    }
    texts.set(name, decode(name, Buffer.concat(chunks)))
  }
}

/** The file, up to its limit; its end is told only when the form ends with it. */
async function* fileBytes(
  { stream }: Part,
  { parts, maxBytes, release }: { parts: AsyncGenerator<Part>; maxBytes: number; release: () => void },
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const chunk of stream) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(maxBytes, 'The file')
      yield chunk
    }
    const next = await parts.next()
    if (!next.done) throw wrong(next.value.name || 'body', 'comes after the file, which has to be the last part')
  } catch (error) {
    throw reasonOf(error)
  } finally {
    release()
  }
}

/** The parts as they come, fed no faster than they are read. Whatever ends the form early ends the part that is being read too. */
async function* partsOf(
  form: FormBody,
  request: ApiRequest,
  { signal, ...options }: BodyOptions & { signal: AbortSignal },
): AsyncGenerator<Part> {
  const parser = createParser(form, request)
  const unread = new Set<Readable>()
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
    for (const stream of unread) stream.destroy(reasonOf(failure))
    parser.destroy(reasonOf(failure))
  }
  parser.on('error', fail)
  parser.on('partsLimit', () => fail(wrong('body', 'has more parts than this form')))
  parser.on('file', (_, stream) => {
    unread.add(stream)
    // A part that nobody reads yet must not take the process with it.
    stream.on('error', () => {}).once('close', () => unread.delete(stream))
  })
  const arriving = on(parser, 'file', { close: ['finish'] })
  const either = request.signal ? AbortSignal.any([request.signal, signal]) : signal
  const limitBytes = form.file.maxBytes + options.limitBytes
  pipeline(limited({ ...request, signal: either }, { ...options, limitBytes }), parser, { signal }).catch(fail)
  try {
    for await (const [name, stream, fileName, encoding, mediaType] of arriving) {
      yield { name, stream, fileName, encoding, mediaType }
    }
  } catch (error) {
    throw reasonOf(failure ?? error)
  }
  if (failure) throw reasonOf(failure)
}

function createParser(form: FormBody, { headers }: ApiRequest) {
  try {
    return new Busboy({
      headers: { 'content-type': String(headers['content-type']) },
      isPartAFile: () => true,
      limits: { ...LIMITS, parts: Object.keys(form.fields.shape).length + 1 + MAX_STRAY_PARTS },
    })
  } catch {
    throw wrong('body', 'has no boundary in its Content-Type')
  }
}

/** Ours as they are; the parser's tell nothing that the sender could use. */
function reasonOf(failure: unknown): TrunklineError {
  if (TrunklineError.is(failure)) return failure
  if (failure instanceof Error && failure.name === 'AbortError') return new TrunklineError('OPERATION_ABORTED')
  return wrong('body', 'is not a whole multipart/form-data')
}

function decode(field: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw wrong(field, 'is not UTF-8')
  }
}

function wrong(field: string, message: string): TrunklineError {
  return invalid([{ field, message }])
}
