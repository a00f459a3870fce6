import { randomBytes } from 'node:crypto'
import type { Agent } from 'node:https'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { OutboundFile, UploadedFile } from '../../ports/connector.js'
import { BoundedMap } from '../../util/bounded-map.js'
import type { MemoryShare } from '../../util/memory-share.js'
import { BrokenFile, compared, decrypted, encrypted, sealOf } from './media-cipher.js'
import { MediaHostList } from './media-hosts.js'
import { encryptedLengthOf, mmsTypeOf, openPathOf, uploadPathOf } from './media-keys.js'
import type { MediaPointer } from './media-pointer.js'
import { unavailable } from './media-retry.js'
import { get, HostRefusal, post, type Route } from './media-transport.js'

/** Files that were brought to channels, and are posted in a moment. */
const MAX_HANDLES = 100

/** How often a download goes on where it broke off. */
const MAX_BREAKS = 3

/** What hosts say of a file that is no longer there. */
const GONE = new Set([403, 404, 410])

export interface MediaLinkOptions {
  clock: Clock
  /** The session's way out, when it has a proxy. */
  agent?: Agent
  certificate?: string
  silenceMs: number
  /** What encrypted files may take of it, until they are brought. */
  memory: MemoryShare
  query(node: BinaryNode): Promise<unknown>
}

/** Brings files to WhatsApp's media hosts and back. Nothing of a large file is kept here but the chunk that passes. */
export class MediaLink {
  readonly #options: MediaLinkOptions
  readonly #hosts: MediaHostList
  readonly #handles = new BoundedMap<string, string>({ max: MAX_HANDLES })

  constructor(options: MediaLinkOptions) {
    this.#options = options
    this.#hosts = new MediaHostList(options.clock)
  }

  /** @throws MEDIA_UPLOAD_FAILED · OPERATION_ABORTED */
  async upload(file: OutboundFile, signal: AbortSignal | undefined): Promise<UploadedFile> {
    const { memory } = this.#options
    const length = encryptedLengthOf(file.bytes)
    const keeps = memory.resize(0, length)
    try {
      const mediaKey = randomBytes(32)
      const secret = { kind: file.kind, mediaKey }
      // A host takes a file under its hash, so it is read twice, to know the hash and to send, unless it is kept meanwhile.
      const { hash: fileEncSha256, mac, kept } = await sealOf(file.read(), { ...secret, keeps })
      const answer = await this.#brought(fileEncSha256, signal, (hash) => ({
        path: `${uploadPathOf(file.kind)}/${hash}`,
        body: kept ?? encrypted(file.read(), { ...secret, mac }),
        length,
      }))
      return { ...namesOf(file), mediaKey, fileEncSha256, ...placeIn(answer) }
    } finally {
      if (keeps) memory.resize(length, 0)
    }
  }

  /** As it is, for a channel. The post has to name what the host calls it by. @throws MEDIA_UPLOAD_FAILED · OPERATION_ABORTED */
  async uploadOpen(file: OutboundFile, signal: AbortSignal | undefined): Promise<UploadedFile> {
    const answer = await this.#brought(Buffer.from(file.sha256, 'hex'), signal, (hash) => ({
      path: `${openPathOf(file.kind)}/${hash}`,
      body: file.read(),
      length: file.bytes,
    }))
    const uploaded = { ...namesOf(file), ...placeIn(answer) }
    this.#handles.set(uploaded.directPath, handleIn(answer))
    return uploaded
  }

  /** What a host calls a file that was brought to a channel over this connection. */
  handleOf(directPath: string): string | undefined {
    return this.#handles.get(directPath)
  }

  /** To the first host that takes it. */
  async #brought(
    hash: Buffer,
    signal: AbortSignal | undefined,
    make: (hash: string) => { path: string; body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>; length: number },
  ): Promise<unknown> {
    const name = hash.toString('base64url')
    const { names, auth } = await this.#known().catch((cause: unknown) => {
      throw new TrunklineError('MEDIA_UPLOAD_FAILED', { cause })
    })
    let failure: unknown
    for (const host of names) {
      if (signal?.aborted) break
      const query = new URLSearchParams({ auth, token: name })
      const { path, body, length } = make(name)
      try {
        const answer = await post(new URL(`https://${host}${path}?${query}`), body, length, this.#route(signal))
        placeIn(answer)
        return answer
      } catch (cause) {
        failure = cause
        this.#hosts.forget()
      }
    }
    if (signal?.aborted) throw new TrunklineError('OPERATION_ABORTED', { cause: signal.reason })
    throw new TrunklineError('MEDIA_UPLOAD_FAILED', { cause: failure })
  }

  /**
   * The plain file, as `Connection.download` promises.
   *
   * @throws MEDIA_EXPIRED · MEDIA_NOT_AVAILABLE
   */
  async *download(pointer: MediaPointer, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      const { mediaKey } = pointer
      const source = this.#fetched(pointer, signal)
      yield* mediaKey ? decrypted(source, { ...pointer, mediaKey }) : compared(source, pointer)
    } catch (cause) {
      if (!(cause instanceof BrokenFile)) throw cause
      throw unavailable('What the media host has is not the file of the message', cause)
    }
  }

  /** Goes on at the next host where a connection broke. */
  async *#fetched(pointer: MediaPointer, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    let offset = 0
    for (let breaks = 0; ; ) {
      try {
        const { names } = await this.#known()
        const url = downloadUrl(names[breaks % names.length] ?? '', pointer)
        for await (const chunk of get(url, offset, this.#route(signal))) {
          offset += chunk.length
          yield chunk
        }
        return
      } catch (cause) {
        if (signal?.aborted) throw new TrunklineError('OPERATION_ABORTED', { cause: signal.reason })
        if (cause instanceof HostRefusal && GONE.has(cause.status)) throw new TrunklineError('MEDIA_EXPIRED', { cause })
        breaks += 1
        if (breaks >= MAX_BREAKS) throw unavailable('The media hosts did not give the file', cause)
      }
    }
  }

  /**
   * A picture of a person or a group, which lies open. Nothing is fetched from a host that is none of WhatsApp's, whatever a server says.
   *
   * @throws MEDIA_NOT_AVAILABLE, from the iteration
   */
  async *picture(url: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      const place = new URL(url)
      if (!(await this.#isOfWhatsApp(place))) throw new Error('The picture is at a host that is none of WhatsApp')
      yield* get(place, 0, this.#route(signal))
    } catch (cause) {
      if (signal?.aborted) throw new TrunklineError('OPERATION_ABORTED', { cause: signal.reason })
      throw unavailable('The picture could not be fetched', cause)
    }
  }

  async #isOfWhatsApp({ protocol, hostname, host }: URL): Promise<boolean> {
    if (protocol !== 'https:') return false
    return hostname.endsWith('.whatsapp.net') || (await this.#known()).names.includes(host)
  }

  #known() {
    return this.#hosts.get((node) => this.#options.query(node))
  }

  #route(signal: AbortSignal | undefined): Route {
    const { agent, certificate, silenceMs } = this.#options
    return { agent, certificate, silenceMs, signal }
  }
}

function downloadUrl(host: string, { directPath, mediaKey, fileEncSha256, kind }: MediaPointer): URL {
  if (!mediaKey) return new URL(`https://${host}${directPath}`)
  const hash = fileEncSha256?.length ? `&hash=${Buffer.from(fileEncSha256).toString('base64url')}` : ''
  const query = `${directPath.includes('?') ? '' : '?'}${hash}&mms-type=${mmsTypeOf(kind)}&__wa-mms=`
  return new URL(`https://${host}${directPath}${query}`)
}

function placeIn(answer: unknown): Pick<UploadedFile, 'directPath' | 'url'> {
  const { url, direct_path: directPath } = (answer ?? {}) as { url?: unknown; direct_path?: unknown }
  if (typeof directPath !== 'string' || !directPath.startsWith('/')) throw new Error('The host took no file')
  return { directPath, url: typeof url === 'string' ? url : `https://mmg.whatsapp.net${directPath}` }
}

function namesOf({ sha256, bytes }: OutboundFile): Pick<UploadedFile, 'fileSha256' | 'bytes'> {
  return { fileSha256: Buffer.from(sha256, 'hex'), bytes }
}

/** Without it no server takes the post. */
function handleIn(answer: unknown): string {
  const { handle } = (answer ?? {}) as { handle?: unknown }
  if (typeof handle === 'string' && handle !== '') return handle
  throw new TrunklineError('MEDIA_UPLOAD_FAILED', { message: 'The host gave the file no name' })
}
