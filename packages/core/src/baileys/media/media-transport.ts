import type { ClientRequest, IncomingMessage } from 'node:http'
import { type Agent, type RequestOptions, request } from 'node:https'
import { pipeline } from 'node:stream/promises'

/** How a media host is reached. */
export interface Route {
  agent?: Agent | undefined
  /** An authority in the place of those that Node.js trusts, as PEM. */
  certificate?: string | undefined
  /** A host that says nothing for this long is given up. */
  silenceMs: number
  signal?: AbortSignal | undefined
}

const ORIGIN = 'https://web.whatsapp.com'
const MAX_ANSWER_BYTES = 64 * 1024

/** A host has answered, and not with what was asked for. */
export class HostRefusal extends Error {
  override readonly name = 'HostRefusal'
  readonly status: number

  constructor(status: number) {
    super(`The media host answered ${status}`)
    this.status = status
  }
}

/** Sends a file and reads the answer, which is JSON. Takes the chunks no faster than the host does. */
export async function post(
  url: URL,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  length: number,
  route: Route,
): Promise<unknown> {
  const sending = open(url, route, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': length, origin: ORIGIN },
  })
  const answer = answerOf(sending)
  // What goes wrong with it is told by the request: it is destroyed with the reason.
  const sent = pipeline(body, sending).catch(() => undefined)
  try {
    const response = await answer
    const text = await textOf(response)
    if (response.statusCode !== 200) throw new HostRefusal(response.statusCode ?? 0)
    return JSON.parse(text)
  } finally {
    sending.destroy()
    await sent
  }
}

/** The bytes of a file from `offset` on. The connection is gone when the reader stops. */
export async function* get(url: URL, offset: number, route: Route): AsyncGenerator<Uint8Array> {
  const asking = open(url, route, {
    method: 'GET',
    headers: { origin: ORIGIN, ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
  })
  asking.end()
  try {
    const response = await answerOf(asking)
    if (response.statusCode !== (offset > 0 ? 206 : 200)) throw new HostRefusal(response.statusCode ?? 0)
    yield* response
    if (!response.complete) throw new Error('The media host cut the connection')
  } finally {
    asking.destroy()
  }
}

function open(url: URL, { agent, certificate: ca, silenceMs, signal }: Route, options: RequestOptions): ClientRequest {
  const asking = request(url, {
    ...options,
    ...(agent ? { agent } : {}),
    ...(ca ? { ca } : {}),
    ...(signal ? { signal } : {}),
    timeout: silenceMs,
  })
  return asking.on('timeout', () => asking.destroy(new Error('The media host said nothing for too long')))
}

function answerOf(asking: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // It stays: what fails after the answer began is told by the answer's own stream.
    asking.on('error', reject).once('response', resolve)
  })
}

async function textOf(response: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The answer of the media host is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
