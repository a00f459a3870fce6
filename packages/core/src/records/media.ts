import { createHash } from 'node:crypto'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { Jid } from '../types/jid.js'
import type { Media } from '../types/message.js'
import { onAbort } from '../util/on-abort.js'

/** What the file of a message is kept under: its hash, so that what was sent to ten people is kept once. */
export function mediaIdOf(messageId: string, { sha256 }: Pick<Media, 'sha256'>): string {
  return sha256 ?? messageId
}

export function lacksFiles(): TrunklineError {
  return new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'The store of this manager keeps no files' })
}

/** What the picture of a person or a group is kept under. A file without bytes says that there is none to see. */
export function pictureIdOf(id: Jid, { preview }: { preview: boolean }): string {
  return `${preview ? 'preview' : 'picture'}:${id}`
}

/** What is kept beside a file that is there for messages that wait alone: without one, a message that was sent or came has it too. */
export function queueMarkOf(mediaId: string): string {
  return `queued:${mediaId}`
}

/**
 * The chunks of a source on their way into a store, counted and, where `sha256` is not known, hashed as they pass; `result` is for
 * when they have all passed. Whatever ends them early is told as `MediaStore.put` promises, so that it is not taken for a failure of the store.
 */
export function measured(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, signal, sha256 }: { maxBytes: number; signal?: AbortSignal | undefined; sha256?: string | undefined },
): { chunks: AsyncGenerator<Uint8Array>; result(): { bytes: number; sha256: string } } {
  const hash = sha256 === undefined ? createHash('sha256') : undefined
  let bytes = 0

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of abortable(source, signal)) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new TrunklineError('PAYLOAD_TOO_LARGE', { message: `More than ${maxBytes} bytes` })
      hash?.update(chunk)
      yield chunk
    }
  }
  return { chunks: chunks(), result: () => ({ bytes, sha256: hash?.digest('hex') ?? sha256 ?? '' }) }
}

/** The source until the signal aborts, also while it keeps everybody waiting for its next chunk. */
async function* abortable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  let ended = false
  // One listener for all chunks: the wait that goes on at the moment is the one to end.
  let refuse: (error: unknown) => void = () => undefined
  const aborted = () => new TrunklineError('OPERATION_ABORTED', { cause: signal?.reason })
  const leave = signal && onAbort(signal, () => refuse(aborted()))
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        refuse = reject
        if (signal?.aborted) return reject(aborted())
        iterator.next().then(resolve, (cause: unknown) => {
          ended = true
          reject(unreadable(cause))
        })
      })
      if (next.done) {
        ended = true
        return
      }
      yield next.value
    }
  } finally {
    leave?.()
    // Not awaited: a source that is stuck in its next chunk would never answer.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

function unreadable(cause: unknown): TrunklineError {
  const message = 'What was to be stored could not be read to its end'
  return new TrunklineError('OPERATION_ABORTED', { message, cause })
}
