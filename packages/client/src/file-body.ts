/** The bytes of a file. Streams, those of Node.js too, are read once; in a page a `Blob` or `File` is the way for large ones. */
export type FileBytes = Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/** A file to upload, in the place where JSON has base64 or a URL. */
export interface FileInput {
  file: FileBytes
  /** The media type: that of the `Blob` unless given, and found out by the server without either. */
  mimetype?: string
  /** As the other side sees it: that of the `File` unless given. */
  fileName?: string
}

export interface FormPayload {
  body: Blob | ReadableStream<Uint8Array>
  mediaType: string
  /** A stream can be sent once. */
  isReplayable: boolean
}

/** A call's body with a file in it, if it has one. */
export function fileOf(body: object): FileInput | undefined {
  const media: unknown = 'media' in body ? body.media : undefined
  if (typeof media === 'object' && media !== null && 'file' in media) return checked(media as FileInput)
  return 'file' in body ? checked(body as FileInput) : undefined
}

/**
 * The fields and the file as `multipart/form-data` (RFC 7578), the file last: the server knows the fields before it reads it. Nothing
 * of the file is copied, and no more of it read than is sent.
 */
export function formOf(
  fields: Readonly<Record<string, unknown>>,
  { file, mimetype, fileName }: FileInput,
): FormPayload {
  const boundary = `trunkline-${crypto.randomUUID()}`
  const said = mimetype ?? (file instanceof Blob ? file.type : '')
  const given = { ...fields, mimetype, fileName: fileName ?? nameOf(file) }
  const parts = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [partOf(boundary, { name }), String(value), '\r\n'],
  )
  const head = [...parts, partOf(boundary, { name: 'file', mediaType: said || 'application/octet-stream' })].join('')
  const tail = `\r\n--${boundary}--\r\n`
  const mediaType = `multipart/form-data; boundary=${boundary}`
  if (file instanceof Blob || file instanceof Uint8Array) {
    const body = new Blob([head, file as Blob | Uint8Array<ArrayBuffer>, tail])
    return { body, mediaType, isReplayable: true }
  }
  return { body: streamOf(around(head, file, tail)), mediaType, isReplayable: false }
}

function checked(given: FileInput): FileInput {
  const file: unknown = given.file
  if (file instanceof Blob || file instanceof Uint8Array || file instanceof ReadableStream || isIterable(file))
    return given
  throw new TypeError('A file is a Blob, a Uint8Array or a stream of bytes')
}

function isIterable(file: unknown): file is AsyncIterable<Uint8Array> {
  return typeof file === 'object' && file !== null && Symbol.asyncIterator in file
}

function nameOf(file: FileBytes): string | undefined {
  return file instanceof Blob && 'name' in file && typeof file.name === 'string' ? file.name : undefined
}

function partOf(boundary: string, { name, mediaType }: { name: string; mediaType?: string }): string {
  const type = mediaType ? `Content-Type: ${oneLine(mediaType)}\r\n` : ''
  return `--${boundary}\r\nContent-Disposition: form-data; name="${oneLine(name)}"\r\n${type}\r\n`
}

/** No name and no media type may end its line: what follows would be taken for the next one. */
function oneLine(text: string): string {
  return text.replace(/[\r\n"]/g, ' ')
}

async function* around(head: string, file: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, tail: string) {
  const encoder = new TextEncoder()
  yield encoder.encode(head)
  yield* isIterable(file) ? file : chunksOf(file)
  yield encoder.encode(tail)
}

/** Safari's streams cannot be iterated. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Reads no further than is asked for, and lets the source go when nobody asks any more. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
