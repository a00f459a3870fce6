import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook as Verifier } from 'standardwebhooks'

/** A message as a receiver got it, verified by the reference library. */
export interface Received {
  id: string
  type: string
  data: { sessionId: string; seq: number } & Record<string, unknown>
  headers: IncomingMessage['headers']
}

type Answer = (response: ServerResponse, received: Received) => unknown

/** Somebody who takes webhooks on loopback and answers as it is told. */
export class WebhookReceiver {
  readonly received: Received[] = []
  secrets: string[] = []
  /** 204 unless something else is put here. */
  answer: Answer = (response) => response.writeHead(204).end()
  /** Requests whose signature is none. */
  forged = 0
  readonly #server = createServer((request, response) => void this.#take(request, response))
  #heard: (() => void)[] = []

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`
  }

  get texts(): unknown[] {
    return this.received.map(({ data }) => (data.message as { text?: string } | undefined)?.text)
  }

  /** Resolves when so many requests have come. */
  async count(wanted: number): Promise<void> {
    while (this.received.length < wanted) await new Promise<void>((resolve) => this.#heard.push(resolve))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const headers = request.headers as Record<string, string>
    // Of the time of a test's clock only the signature is looked at.
    const isSigned = this.secrets.every((secret) => isSignedBy(secret, body, headers))
    if (!isSigned) this.forged += 1
    const { type, data } = JSON.parse(body)
    const received: Received = { id: headers['webhook-id'] ?? '', type, data, headers: request.headers }
    this.received.push(received)
    this.answer(response, received)
    for (const heard of this.#heard.splice(0)) heard()
  }
}

function isSignedBy(secret: string, body: string, headers: Record<string, string>): boolean {
  const time = new Date(Number(headers['webhook-timestamp']) * 1000)
  const expected = new Verifier(secret).sign(headers['webhook-id'] ?? '', time, body)
  return (headers['webhook-signature'] ?? '').split(' ').includes(expected)
}
