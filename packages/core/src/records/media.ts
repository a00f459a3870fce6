import { createHash } from 'node:crypto'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { Media } from '../types/message.js'
import { onAbort } from '../util/on-abort.js'

/** What the file of a message is kept under: its hash, so that what was sent to ten people is kept once. */
export function mediaIdOf(messageId: string, { sha256 }: Pick<Media, 'sha256'>): string {
  return sha256 ?? messageId
}

/**
 * The chunks of a source on their way into a store, counted and hashed as they pass; `result` is for when they have all passed.
 * Whatever ends them early is told as `MediaStore.put` promises, so that it is not taken for a failure of the store.
 */
export function measured(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): { chunks: AsyncGenerator<Uint8Array>; result(): { bytes: number; sha256: string } } {
  const hash = createHash('sha256')
  let bytes = 0

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of abortable(source, signal)) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new TrunklineError('PAYLOAD_TOO_LARGE', { message: `More than ${maxBytes} bytes` })
      hash.update(chunk)
      yield chunk
    }
  }
  return { chunks: chunks(), result: () => ({ bytes, sha256: hash.digest('hex') }) }
}

/** The source until the signal aborts, also while it keeps everybody waiting for its next chunk. */
async function* abortable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = await unlessAborted(async () => iterator.next(), signal).catch((error: unknown) => {
        ended = !signal?.aborted
        throw error
      })
      ended = next.done === true
      if (next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: a source that is stuck in its next chunk would never answer.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

function unlessAborted<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new TrunklineError('OPERATION_ABORTED', { cause: signal?.reason }))
    const fail = (cause: unknown) =>
      reject(
        new TrunklineError('OPERATION_ABORTED', {
          message: 'What was to be stored could not be read to its end',
          cause,
        }),
      )
    if (signal?.aborted) return abort()
    const leave = signal && onAbort(signal, abort)
    void work()
      .then(resolve, fail)
      .finally(() => leave?.())
  })
}
