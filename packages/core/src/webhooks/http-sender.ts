import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import type { AddressGuard } from '../util/address-guard.js'
import { AddressRefused, guardedLookup } from '../util/guarded-lookup.js'
import type { PostOutcome } from './attempt.js'

/** How much of an answer is read. */
const ANSWER_BYTES = 1_024

export interface PostRequest {
  url: string
  headers: Record<string, string>
  body: string
  /** Ends the request, whatever it is at; its reason is that of the outcome. */
  signal: AbortSignal
}

/** What brings messages to receivers. */
export interface WebhookSender {
  /** Resolves with whatever comes of it, and never rejects. */
  post(request: PostRequest): Promise<PostOutcome>
  /** Ends the connections that are kept open. */
  close(): void
}

/** Posts over HTTP to hosts that the guard admits. Redirects are answers, of an answer no more is read than is kept. */
export function createHttpSender(guard: AddressGuard, resolve?: LookupFunction): WebhookSender {
  const lookup = guardedLookup(guard, resolve)
  const agents = {
    'http:': new http.Agent({ keepAlive: true, lookup }),
    'https:': new https.Agent({ keepAlive: true, lookup }),
  }
  return {
    async post({ url, headers, body, signal }) {
      const { protocol, hostname } = new URL(url)
      if (!guard.admitsHost(hostname)) return { error: REFUSED }
      const [agent, request] =
        protocol === 'https:' ? [agents['https:'], https.request] : [agents['http:'], http.request]
      return new Promise<PostOutcome>((resolve) => {
        const length = { 'content-length': `${Buffer.byteLength(body)}` }
        const asked = request(url, { method: 'POST', agent, signal, headers: { ...headers, ...length } })
        asked.once('response', (response) => void readAnswer(response).then(resolve))
        asked.on('error', (error) => resolve(failure(signal.aborted ? signal.reason : error)))
        asked.end(body)
      })
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

const REFUSED = 'The address is not allowed'

/** The status counts, whatever becomes of the rest. */
async function readAnswer(response: IncomingMessage): Promise<PostOutcome> {
  const decoder = new StringDecoder('utf8')
  let [answer, left] = ['', ANSWER_BYTES]
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      answer += decoder.write(chunk.subarray(0, left))
      left -= chunk.length
      // Leaving the loop ends the response, and its connection with it.
      if (left <= 0) break
    }
  } catch {
    // It was cut short.
  }
  return { status: response.statusCode ?? 0, answer }
}

/** In words of ours: what a resolver or a socket says may name hosts inside. */
function failure(error: unknown): PostOutcome {
  if (error instanceof AddressRefused) return { error: REFUSED }
  const { code, name } = error as { code?: string; name?: string }
  if (name === 'TimeoutError') return { error: 'No answer in time' }
  if (name === 'AbortError') return { error: 'Ended with the process' }
  return { error: `No answer: ${code ?? 'the connection failed'}` }
}
