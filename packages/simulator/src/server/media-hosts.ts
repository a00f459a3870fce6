import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { selfSigned, type TlsIdentity } from '../crypto/certificate.js'
import { sha256 } from '../crypto/symmetric.js'
import type { MediaShelf } from '../model/media-shelf.js'
import type { MediaFault, MediaFaults } from '../rules/media-faults.js'

const HOSTS = 2
const MAX_UPLOAD_BYTES = 256 * 1024 * 1024
const UPLOAD_PATH = /^\/(?:mms\/|newsletter\/newsletter-)(?:image|video|audio|document)\/([\w-]+)=*$/

/** A request as a test sees it afterwards. */
export interface MediaRequest {
  direction: 'upload' | 'download'
  host: number
  status: number
  /** Bytes of the body that came, or of the one that was answered. */
  bytes: number
}

/** WhatsApp's media hosts: HTTPS on loopback, two of them, with one shelf behind. */
export class MediaHosts {
  readonly requests: MediaRequest[] = []
  readonly #shelf: MediaShelf
  readonly faults: MediaFaults
  readonly #identity: TlsIdentity
  readonly #servers: HttpsServer[]
  readonly #sockets = new Set<Socket>()

  constructor(shelf: MediaShelf, faults: MediaFaults) {
    this.#shelf = shelf
    this.faults = faults
    this.#identity = selfSigned({ hosts: ['localhost', 'mmg.whatsapp.net'], addresses: ['127.0.0.1'] })
    const { key, certificate: cert } = this.#identity
    this.#servers = Array.from({ length: HOSTS }, (_, host) => {
      const server = createServer({ key, cert }, (request, response) => this.#on(request, response, host))
      return server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket)
        socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket))
      })
    })
  }

  /** What clients have to trust, as PEM. */
  get certificate(): string {
    return this.#identity.certificate
  }

  async listen(): Promise<void> {
    await Promise.all(this.#servers.map(listening))
    this.#shelf.hostnames = this.#servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(closed)
  }

  #on(request: IncomingMessage, response: ServerResponse, host: number): void {
    response.on('error', () => response.destroy())
    if (request.method === 'POST') this.#upload(request, response, host)
    else this.#download(request, response, host)
  }

  #upload(request: IncomingMessage, response: ServerResponse, host: number): void {
    const fault = this.faults.take('upload', host)
    const chunks: Buffer[] = []
    let bytes = 0
    const answer = (status: number, body: object) => {
      this.requests.push({ direction: 'upload', host, status, bytes })
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    request.on('error', () => request.destroy())
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (fault?.do === 'cut' || bytes > MAX_UPLOAD_BYTES) request.destroy()
      else chunks.push(chunk)
    })
    request.on('end', () => {
      if (fault?.do === 'stall') return
      // It has taken all of it and says nothing of that.
      if (fault?.do === 'half-close') return void response.socket?.end()
      if (fault?.do === 'status') return answer(fault.status, { debug_info: { retriable: true, message: 'fault' } })
      const body = Buffer.concat(chunks)
      const problem = this.#problemOf(new URL(request.url ?? '', 'https://host'), body)
      if (problem) return answer(400, { debug_info: { retriable: false, type: problem } })
      const direct_path = this.#shelf.put(body)
      const open = request.url?.startsWith('/newsletter/') ? { handle: this.#shelf.handleOf(direct_path) } : {}
      answer(200, { url: `https://${this.#shelf.hostnames[host]}${direct_path}`, direct_path, ...open })
    })
  }

  /** The name of an upload is its hash, and whoever uploads shows what `media_conn` has told. */
  #problemOf({ pathname, searchParams }: URL, body: Buffer): string | undefined {
    const hash = sha256(body).toString('base64url')
    if (UPLOAD_PATH.exec(pathname)?.[1] !== hash) return 'HASH_MISMATCH'
    if (searchParams.get('token')?.replace(/=+$/, '') !== hash) return 'TOKEN_MISMATCH'
    return searchParams.get('auth') === this.#shelf.auth ? undefined : 'BAD_AUTH'
  }

  #download(request: IncomingMessage, response: ServerResponse, host: number): void {
    const fault = this.faults.take('download', host)
    const file = this.#shelf.get(request.url ?? '')
    const status = fault?.do === 'status' ? fault.status : file ? 200 : 410
    if (!file || status !== 200) {
      this.requests.push({ direction: 'download', host, status, bytes: 0 })
      response.writeHead(status).end()
      return
    }
    const { from, until } = rangeOf(request.headers.range, file.length)
    const body = spoiled(file.subarray(from, until), fault)
    this.requests.push({ direction: 'download', host, status: request.headers.range ? 206 : 200, bytes: body.length })
    response.writeHead(request.headers.range ? 206 : 200, {
      'content-type': 'application/octet-stream',
      'content-length': body.length,
      ...(request.headers.range ? { 'content-range': `bytes ${from}-${until - 1}/${file.length}` } : {}),
    })
    if (fault?.do !== 'cut' && fault?.do !== 'stall' && fault?.do !== 'half-close') return void response.end(body)
    response.write(body.subarray(0, Math.ceil(body.length / 2)), () => {
      if (fault.do === 'cut') response.destroy()
      if (fault.do === 'half-close') response.socket?.end()
    })
  }
}

function spoiled(body: Buffer, fault: MediaFault | undefined): Buffer {
  if (fault?.do === 'oversize') return Buffer.concat([body, Buffer.alloc(fault.extraBytes, 7)])
  if (fault?.do === 'swap') return Buffer.alloc(body.length, 9)
  if (fault?.do !== 'corrupt') return body
  const copy = Buffer.from(body)
  const middle = Math.floor(copy.length / 2)
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

function rangeOf(header: string | undefined, length: number): { from: number; until: number } {
  const [, from = '0', last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? []
  return { from: Number(from), until: last ? Math.min(Number(last) + 1, length) : length }
}

function listening(server: HttpsServer): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
