import type { RequestBody, Route } from '@trunkline/contract'
import { type BodyOptions, isStream, limited } from './body-stream.js'
import { BODY_TIMEOUT_MS, within } from './deadline.js'
import { isJson, isPlain, parseBody, unsupportedBody } from './input.js'
import type { LargeBodies } from './large-bodies.js'
import { isTaken, mediaTypeOf } from './media-type.js'
import { FORM_MEDIA_TYPE, readForm } from './read-form.js'
import type { ApiRequest } from './request.js'
import type { ReadBody } from './upload.js'

/** Enough for an e-mail, a password and whatever JSON makes of their signs; strangers may send no more. */
const PUBLIC_LIMIT_BYTES = 8 * 1024

interface ReadOptions extends BodyOptions {
  /** Where JSON waits that is larger than `limitBytes`, which some routes take for the files in it. */
  large: LargeBodies
}

/**
 * The body of a request whose caller was let in; `limitBytes` holds for whatever is kept in memory.
 *
 * @throws VALIDATION_FAILED · PAYLOAD_TOO_LARGE · REQUEST_TIMEOUT · UNSUPPORTED_MEDIA_TYPE · OPERATION_ABORTED
 */
export async function readBody(route: Route, request: ApiRequest, options: ReadOptions): Promise<ReadBody> {
  const taken: RequestBody = route.body ?? {}
  const { json, bytes, form } = taken
  const limitBytes = route.access === 'public' ? Math.min(PUBLIC_LIMIT_BYTES, options.limitBytes) : options.limitBytes
  const mediaType = mediaTypeOf(request.headers['content-type'])

  if (route.body && !isForJson(route.body, request)) {
    if (!isPlain(request.headers)) {
      throw unsupportedBody('The body must not be compressed')
    }
    if (form && mediaType === FORM_MEDIA_TYPE) return readForm(form, request, { ...options, limitBytes })
    if (bytes && isTaken(bytes.mediaTypes, mediaType)) {
      const chunks = limited(request, { ...options, limitBytes: bytes.maxBytes })
      return { body: {}, upload: { mediaType, bytes: chunks }, release() {} }
    }
    const mediaTypes = [
      ...(json ? ['application/json'] : []),
      ...(form ? [FORM_MEDIA_TYPE] : []),
      ...(bytes?.mediaTypes ?? []),
    ]
    throw unsupportedBody(`The body has to be ${mediaTypes.join(', ')}`)
  }
  if (!isStream(request.body)) return { body: parseBody(taken, request.body, request.headers), release() {} }
  const most = Math.max(limitBytes, route.body?.maxJsonBytes ?? 0)
  const whole = await collect(request, { ...options, limitBytes: most, usualBytes: limitBytes })
  try {
    return { body: parseBody(taken, whole.bytes, request.headers), release: whole.release }
  } catch (error) {
    whole.release()
    throw error
  }
}

/** What is no JSON is refused by `parseBody` where nothing else is taken. */
function isForJson({ json, bytes, form }: RequestBody, { headers }: ApiRequest): boolean {
  return (!bytes && !form) || (json !== undefined && isJson(headers))
}

async function collect(
  request: ApiRequest,
  { clock, limitBytes, usualBytes, large }: ReadOptions & { usualBytes: number },
): Promise<{ bytes: Uint8Array; release(): void }> {
  const parts: Uint8Array[] = []
  const gone = new AbortController()
  let leave: (() => void) | undefined
  const release = () => leave?.()
  const whole = async () => {
    let bytes = 0
    for await (const chunk of limited(request, { clock, limitBytes })) {
      bytes += chunk.length
      if (bytes > usualBytes && !leave) {
        leave = await large.enter(Number(request.headers['content-length']) || limitBytes, gone.signal)
        if (gone.signal.aborted) release()
      }
      parts.push(chunk)
    }
    return Buffer.concat(parts)
  }
  try {
    const bytes = await within(whole(), { clock, timeoutMs: BODY_TIMEOUT_MS, signal: request.signal })
    return { bytes, release }
  } catch (error) {
    gone.abort(error)
    release()
    throw error
  }
}
