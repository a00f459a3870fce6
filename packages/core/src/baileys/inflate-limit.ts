import { kMaxLength } from 'node:buffer'
import { createInflate } from 'node:zlib'
import { isCalledByBaileys } from './called-by-baileys.js'

/** What one frame, or a history that is sent along with a message, may become. A frame has at most 16 MB on the wire. */
const MAX_INFLATED_BYTES = 32 * 1024 * 1024
/** What a downloaded history may become. */
const MAX_STREAMED_BYTES = 128 * 1024 * 1024

interface Limited {
  push(chunk: unknown, encoding?: BufferEncoding): boolean
  destroy(error: Error): unknown
}

const FIELD = '_maxOutputLength'
const limits = new WeakMap<object, number>()

/**
 * Bounds what Baileys inflates: a frame of 1 MB can become 1 GB. Baileys inflates without a limit, and keeps the functions of
 * `node:zlib` from the moment it is loaded, which may be before this module is. Node.js writes the limit of each inflation into
 * this field when it makes one, so that is where Baileys' are recognised; those of the host keep theirs.
 */
export function limitInflation(): void {
  const prototype: object = Object.getPrototypeOf(createInflate())
  if (Object.getOwnPropertyDescriptor(prototype, FIELD)) return
  Object.defineProperty(prototype, FIELD, {
    configurable: true,
    get() {
      return limits.get(this)
    },
    set(this: Limited, bytes: number) {
      const isOurs = bytes === kMaxLength && isCalledByBaileys(FUNCTIONS)
      limits.set(this, isOurs ? MAX_INFLATED_BYTES : bytes)
      if (isOurs) limitStream(this, MAX_STREAMED_BYTES)
    },
  })
}

/** Where Baileys inflates, for a host that bundles it and has no paths of packages left. */
const FUNCTIONS = /\b(decompressingIfRequired|downloadHistory|downloadAndProcessHistorySyncNotification)\b/

/** Node.js applies its limit to what is inflated at once only. */
function limitStream(stream: Limited, maxBytes: number): void {
  const push = stream.push.bind(stream)
  let bytes = 0
  stream.push = (chunk, encoding) => {
    bytes += chunk instanceof Uint8Array ? chunk.byteLength : 0
    if (bytes <= maxBytes) return push(chunk, encoding)
    stream.destroy(Object.assign(new RangeError('A history inflates to too much'), { code: 'ERR_BUFFER_TOO_LARGE' }))
    return false
  }
}

/** Whether Node.js still works that way: the check that the limit is in force. */
export function limitsInflation(): boolean {
  const decompressingIfRequired = () => createInflate()
  const [probed, hosts] = [decompressingIfRequired(), createInflate()] as unknown as Record<string, unknown>[]
  return probed?.[FIELD] === MAX_INFLATED_BYTES && hosts?.[FIELD] === kMaxLength
}
