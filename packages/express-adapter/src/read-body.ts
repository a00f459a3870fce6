import type { IncomingMessage } from 'node:http'
import { TrunklineError } from '@trunkline/core'

export type ReadBody = { body?: unknown; refusal?: undefined } | { refusal: TrunklineError }

/**
 * What the host's body parser made of the body, or its bytes. A parser that passed this request over (another content type,
 * say) may have set `body` all the same: only whether the stream was read tells. A body that is too large is refused as soon
 * as that is known, and the rest of it dropped as it comes, so that the caller gets to read the answer.
 */
export function readBody(
  request: IncomingMessage & { body?: unknown },
  { limitBytes }: { limitBytes: number },
): Promise<ReadBody> {
  if (request.readableDidRead || request.readableEnded) return Promise.resolve({ body: request.body })
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const finish = (result: ReadBody) => {
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone)
      request.resume()
      resolve(result)
    }
    const tooLarge = () => {
      const message = `The request body may have ${limitBytes} bytes at most`
      finish({ refusal: new TrunklineError('PAYLOAD_TOO_LARGE', { message }) })
    }
    const onData = (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > limitBytes) tooLarge()
      else chunks.push(chunk)
    }
    const onEnd = () => finish(bytes === 0 ? {} : { body: Buffer.concat(chunks) })
    const onGone = () => finish({ refusal: new TrunklineError('OPERATION_ABORTED') })
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) return tooLarge()
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
  })
}
