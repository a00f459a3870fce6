import { sha256 } from '../crypto/symmetric.js'
import type { Random } from '../util/random.js'

/** So many bytes lie here at most: the oldest file goes first, as if it had expired. */
const MAX_BYTES = 512 * 1024 * 1024

/** The encrypted files of the media hosts. In memory and in no snapshot: after a restart all of them have expired. */
export class MediaShelf {
  /** Where clients reach the hosts: `127.0.0.1:PORT`. */
  hostnames: readonly string[] = []
  readonly #random: Random
  readonly #files = new Map<string, Buffer>()
  #bytes = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** What an upload has to show. */
  readonly auth = 'c2ltdWxhdGVkIGF1dGg'

  /** Answers the `direct_path`. It holds a `?`, because clients add to its query. */
  put(encrypted: Uint8Array): string {
    const bytes = Buffer.from(encrypted)
    const path = `/v/t62.7118-24/${this.#random.bytes(8).toString('hex')}_n.enc`
    const oh = sha256(bytes).toString('base64url').slice(0, 16)
    this.#lay(path, bytes)
    return `${path}?ccb=11-4&oh=${oh}`
  }

  /** As it is, under a path of its own: a picture of a person or a group. Answers its address. */
  show(path: string, bytes: Buffer): string {
    if (!this.#files.has(path)) this.#lay(path, bytes)
    return `https://${this.hostnames[0] ?? 'pps.whatsapp.net'}${path}`
  }

  #lay(path: string, bytes: Buffer): void {
    this.#files.set(path, bytes)
    this.#bytes += bytes.length
    for (const oldest of this.#files.keys()) {
      if (this.#bytes <= MAX_BYTES || oldest === path) break
      this.expire(oldest)
    }
  }

  /** What a channel's post calls a file that lies here as it is. */
  handleOf(directPath: string): string {
    return sha256(Buffer.from(pathOf(directPath))).toString('base64url')
  }

  /** By path, with a query or without. */
  get(directPath: string): Buffer | undefined {
    return this.#files.get(pathOf(directPath))
  }

  /** One file, or all of them: clients that ask for it are told that it is gone. */
  expire(directPath?: string): void {
    const paths = directPath === undefined ? [...this.#files.keys()] : [pathOf(directPath)]
    for (const path of paths) {
      this.#bytes -= this.#files.get(path)?.length ?? 0
      this.#files.delete(path)
    }
  }
}

const pathOf = (directPath: string): string => directPath.split('?')[0] ?? ''
