import type { OutboundFile, PreparableContent, UploadedFile } from '../ports/connector.js'
import type { LinkPreviews } from '../ports/link-previews.js'
import type { FileFacts, MediaDesk, StagedFile } from '../ports/media-desk.js'
import { chatKindOf, normalizeJid } from '../records/jid.js'
import type { DeliveryOptions, MediaContent, MessageContent, SendOptions } from '../types/content.js'
import { contentHashOf } from './content-hash.js'
import type { SessionServices } from './services.js'

/** Brings a file to WhatsApp's hosts, or keeps it for later. */
export type Upload = (
  file: OutboundFile,
  options: { signal?: AbortSignal; open?: boolean; about: FileFacts },
) => Promise<UploadedFile>

/** What has to be fetched or brought for a request before it can be stored and sent. */
export interface MadeMedia extends Pick<PreparableContent, 'file' | 'preview'> {
  /** Of a request that has an id. */
  contentHash?: string
}

/**
 * What one message on its way out needs beside its words: the page that they lead to, and the file, if it has one, taken in when it
 * is needed first and let go of in the end.
 */
export class OutboundMedia {
  readonly #options: SendOptions
  readonly #desk: MediaDesk
  readonly #previews: LinkPreviews
  #staged: Promise<StagedFile> | undefined

  constructor(options: SendOptions, { mediaDesk, linkPreviews }: Pick<SessionServices, 'mediaDesk' | 'linkPreviews'>) {
    this.#options = options
    this.#desk = mediaDesk
    this.#previews = linkPreviews
  }

  /** What the message needs of it. `upload` brings its file, if it has one, to where it is sent from. */
  async made(upload: Upload): Promise<MadeMedia> {
    const file = await this.#upload(upload)
    const preview = await this.#preview()
    // Only a request that has an id can be told again.
    const asked = this.#options.clientMessageId ? { contentHash: await this.contentHash() } : {}
    return { ...(file ? { file } : {}), ...(preview ? { preview } : {}), ...asked }
  }

  /** Of the whole content. What a URL gives is no part of it, so that a repeat does not fetch it again. */
  async contentHash(): Promise<string> {
    const content = contentOf(this.#options)
    const delivery = deliveryOf(this.#options)
    if (!hasMedia(content) || 'url' in content.media) return contentHashOf(content, { delivery })
    const { givenSha256 } = await this.#stage(content)
    return contentHashOf(content, { delivery, fileSha256: givenSha256 })
  }

  /** `undefined` for a message without a file. */
  async #upload(upload: Upload): Promise<PreparableContent['file']> {
    const content = contentOf(this.#options)
    if (!hasMedia(content)) return undefined
    const { file, about } = await this.#stage(content)
    const { signal, to } = this.#options
    const open = chatKindOf(normalizeJid(to) ?? '') === 'newsletter'
    const beside = { ...(signal ? { signal } : {}), ...(open ? { open } : {}) }
    return { about, uploaded: await upload(file, { ...beside, about }) }
  }

  async #preview(): Promise<PreparableContent['preview']> {
    const content = contentOf(this.#options)
    if (!('linkPreview' in content) || !content.linkPreview) return undefined
    const { signal } = this.#options
    return this.#previews.of(content.text, signal ? { signal } : {})
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
  const { to: _to, clientMessageId: _clientMessageId, signal: _signal, ...request } = options
  const {
    queue: _queue,
    sendAt: _sendAt,
    expiresAt: _until,
    priority: _priority,
    typing: _typing,
    ...content
  } = request
  return content
}

function deliveryOf({ queue, sendAt, expiresAt, priority, typing }: SendOptions): DeliveryOptions {
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(sendAt === undefined ? {} : { sendAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(priority === undefined ? {} : { priority }),
    ...(typing === undefined ? {} : { typing }),
  }
}

export function hasMedia(content: MessageContent): content is MediaContent {
  return 'media' in content
}
