import type { Connection, PreparableContent } from '../ports/connector.js'
import type { MediaDesk, StagedFile } from '../ports/media-desk.js'
import type { MediaContent, MessageContent, SendOptions } from '../types/content.js'
import { contentHashOf } from './content-hash.js'

/** What the outbox needs to know of a request before it can be stored and sent. */
export interface MadeMedia extends Pick<PreparableContent, 'file'> {
  /** Of a request that has an id. */
  contentHash?: string
}

/** The file of one message on its way out, if it has one: taken in when it is needed first, and let go of in the end. */
export class OutboundMedia {
  readonly #options: SendOptions
  readonly #desk: MediaDesk
  #staged: Promise<StagedFile> | undefined

  constructor(options: SendOptions, desk: MediaDesk) {
    this.#options = options
    this.#desk = desk
  }

  /** What the message needs of it. */
  async made(connection: Connection): Promise<MadeMedia> {
    const file = await this.#upload(connection)
    // Only a request that has an id can be told again.
    const asked = this.#options.clientMessageId ? { contentHash: await this.contentHash() } : {}
    return { ...(file ? { file } : {}), ...asked }
  }

  /** Of the whole content. What a URL gives is no part of it, so that a repeat does not fetch it again. */
  async contentHash(): Promise<string> {
    const content = contentOf(this.#options)
    if (!hasMedia(content) || 'url' in content.media) return contentHashOf(content)
    const { givenSha256 } = await this.#stage(content)
    return contentHashOf(content, givenSha256)
  }

  /** `undefined` for a message without a file. */
  async #upload(connection: Connection): Promise<PreparableContent['file']> {
    const content = contentOf(this.#options)
    if (!hasMedia(content)) return undefined
    const { file, about } = await this.#stage(content)
    const { signal } = this.#options
    return { about, uploaded: await connection.upload(file, signal ? { signal } : {}) }
  }

  async release(): Promise<void> {
    const staged = await this.#staged?.catch(() => undefined)
    await staged?.release()
  }

  #stage({ type, media }: MediaContent): Promise<StagedFile> {
    const { signal } = this.#options
    this.#staged ??= this.#desk.stage(media, { type, ...(signal ? { signal } : {}) })
    return this.#staged
  }
}

export function contentOf(options: SendOptions): MessageContent {
  const { to: _to, clientMessageId: _clientMessageId, signal: _signal, ...content } = options
  return content
}

function hasMedia(content: MessageContent): content is MediaContent {
  return 'media' in content
}
