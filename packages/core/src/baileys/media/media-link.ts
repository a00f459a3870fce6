import { randomBytes } from 'node:crypto'
import type { Agent } from 'node:https'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { OutboundFile, UploadedFile } from '../../ports/connector.js'
import { BrokenFile, decrypted, encrypted, sealOf } from './media-cipher.js'
import { MediaHostList } from './media-hosts.js'
import { encryptedLengthOf, mmsTypeOf, uploadPathOf } from './media-keys.js'
import type { MediaPointer } from './media-pointer.js'
import { unavailable } from './media-retry.js'
import { get, HostRefusal, post, type Route } from './media-transport.js'

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
  query(node: BinaryNode): Promise<unknown>
}

/** Brings files to WhatsApp's media hosts and back. Nothing of a file is kept here but the chunk that passes. */
export class MediaLink {
  readonly #options: MediaLinkOptions
  readonly #hosts: MediaHostList

  constructor(options: MediaLinkOptions) {
    this.#options = options
    this.#hosts = new MediaHostList(options.clock)
  }

  /** @throws MEDIA_UPLOAD_FAILED · OPERATION_ABORTED */
  async upload(file: OutboundFile, signal: AbortSignal | undefined): Promise<UploadedFile> {
    const mediaKey = randomBytes(32)
    const secret = { kind: file.kind, mediaKey }
    // A host takes a file under its hash, so it is read twice: to know the hash, and to send.
    const { hash, mac, kept } = await sealOf(file.read(), { ...secret, bytes: file.bytes })
    const name = hash.toString('base64url')
    const { names, auth } = await this.#known().catch((cause: unknown) => {
      throw new TrunklineError('MEDIA_UPLOAD_FAILED', { cause })
    })
    let failure: unknown
    for (const host of names) {
      if (signal?.aborted) break
      const query = new URLSearchParams({ auth, token: name })
      const url = new URL(`https://${host}${uploadPathOf(file.kind)}/${name}?${query}`)
      try {
        const length = encryptedLengthOf(file.bytes)
        const body = kept ?? encrypted(file.read(), { ...secret, mac })
        const answer = await post(url, body, length, this.#route(signal))
        const uploaded = { mediaKey, fileSha256: Buffer.from(file.sha256, 'hex'), fileEncSha256: hash }
        return { ...uploaded, bytes: file.bytes, ...placeIn(answer) }
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
      yield* decrypted(this.#fetched(pointer, signal), pointer)
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

  #known() {
    return this.#hosts.get((node) => this.#options.query(node))
  }

  #route(signal: AbortSignal | undefined): Route {
    const { agent, certificate, silenceMs } = this.#options
    return { agent, certificate, silenceMs, signal }
  }
}

function downloadUrl(host: string, { directPath, fileEncSha256, kind }: MediaPointer): URL {
  const hash = fileEncSha256?.length ? `&hash=${Buffer.from(fileEncSha256).toString('base64url')}` : ''
  const query = `${directPath.includes('?') ? '' : '?'}${hash}&mms-type=${mmsTypeOf(kind)}&__wa-mms=`
  return new URL(`https://${host}${directPath}${query}`)
}

function placeIn(answer: unknown): Pick<UploadedFile, 'directPath' | 'url'> {
  const { url, direct_path: directPath } = (answer ?? {}) as { url?: unknown; direct_path?: unknown }
  if (typeof directPath !== 'string' || !directPath.startsWith('/')) throw new Error('The host took no file')
  return { directPath, url: typeof url === 'string' ? url : `https://mmg.whatsapp.net${directPath}` }
}
