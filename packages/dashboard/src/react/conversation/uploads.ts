type Listener = (part: number) => void

const LISTENERS = new Map<string, Listener>()

/** Hears how much of the upload with this idempotency key has left, from 0 to 1. Returns what ends that. */
export function watchUpload(idempotencyKey: string, listener: Listener): () => void {
  LISTENERS.set(idempotencyKey, listener)
  return () => LISTENERS.delete(idempotencyKey)
}

/**
 * A `fetch` for the client of a page that can say how far uploads are, which the browser's own cannot. Everything that nobody watches
 * goes by the browser's own. `createClient({ baseUrl, fetch: fetchWithProgress })`
 */
export async function fetchWithProgress(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const listener = LISTENERS.get(new Headers(init.headers).get('idempotency-key') ?? '')
  if (!listener || !(init.body instanceof Blob) || typeof input !== 'string') return await fetch(input, init)
  return await upload(input, init, listener)
}

function upload(url: string, init: RequestInit, listener: Listener): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal } = init
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    const settle = (end: () => void) => () => {
      signal?.removeEventListener('abort', abort)
      end()
    }
    request.open(init.method ?? 'POST', url)
    for (const [name, value] of new Headers(init.headers)) request.setRequestHeader(name, value)
    request.withCredentials = init.credentials === 'include'
    request.responseType = 'blob'
    request.upload.onprogress = ({ loaded, total }) => listener(total > 0 ? loaded / total : 0)
    request.onload = settle(() => resolve(responseOf(request)))
    request.onerror = settle(() => reject(new TypeError('The request failed')))
    request.onabort = settle(() => reject(signal?.reason ?? new DOMException('Aborted', 'AbortError')))
    if (signal?.aborted) return reject(signal.reason)
    signal?.addEventListener('abort', abort)
    request.send(init.body as Blob)
  })
}

function responseOf(request: XMLHttpRequest): Response {
  const headers = new Headers()
  for (const line of request
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/)) {
    const at = line.indexOf(':')
    if (at > 0) headers.append(line.slice(0, at).trim(), line.slice(at + 1).trim())
  }
  const { status } = request
  return new Response(status === 204 || status === 304 ? null : (request.response as Blob), { status, headers })
}
