import type { LookupFunction } from 'node:net'
import type { Clock } from '../ports/clock.js'
import type { LinkPreview, LinkPreviews } from '../ports/link-previews.js'
import type { AddressGuard } from '../util/address-guard.js'
import { within } from '../util/sleep.js'
import { guardedFetch } from './guarded-fetch.js'
import { pageFacts } from './page-facts.js'
import { previewOf } from './pictures.js'

export interface LinkPreviewsOptions {
  /** Which hosts may be asked. */
  guard: AddressGuard
  clock: Clock
  /** For the page, and once more for its picture. */
  timeoutMs?: number
  lookup?: LookupFunction
}

const DEFAULT_TIMEOUT_MS = 2_000
/** What a page says of itself stands at its beginning. */
const MAX_PAGE_BYTES = 512 * 1024
const MAX_PICTURE_BYTES = 5 * 1024 * 1024

/** Pages are fetched through the guard of whatever callers name by a URL, and so are their pictures. */
export function createLinkPreviews(options: LinkPreviewsOptions): LinkPreviews {
  return {
    async of(text, { signal } = {}) {
      const url = firstLink(text)
      if (!url) return undefined
      const page = await inTime(options, signal, (bounds) => factsOf(url, bounds))
      if (!page?.title) return undefined
      const { title, description, image } = page
      const thumbnail = image && (await inTime(options, signal, (bounds) => pictureOf(image, bounds)))
      return { url, title, ...(description ? { description } : {}), ...(thumbnail ? { thumbnail } : {}) }
    },
  }
}

/** With its scheme, as everybody writes who means a link; what closes a sentence is no part of it. */
export function firstLink(text: string): string | undefined {
  const [found] = /\bhttps?:\/\/[^\s<>"]+/i.exec(text) ?? []
  const link = found?.replace(/[.,;:!?'\]}*_~]+$/, '')
  return link?.endsWith(')') && !link.includes('(') ? link.slice(0, -1) : link
}

type Bounds = Omit<LinkPreviewsOptions, 'clock' | 'timeoutMs'> & { silenceMs: number; signal: AbortSignal }

/** What comes of it in time; whatever goes wrong is nothing to whoever sends a text. */
async function inTime<Result>(
  { clock, timeoutMs = DEFAULT_TIMEOUT_MS, ...rest }: LinkPreviewsOptions,
  signal: AbortSignal | undefined,
  work: (bounds: Bounds) => Promise<Result>,
): Promise<Result | undefined> {
  const controller = new AbortController()
  const over = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal
  try {
    return await within(clock, timeoutMs, work({ ...rest, silenceMs: timeoutMs, signal: over }), signal)
  } catch {
    return undefined
  } finally {
    controller.abort()
  }
}

async function factsOf(url: string, bounds: Bounds) {
  const {
    mediaType = '',
    chunks,
    url: place,
  } = await guardedFetch(url, { ...bounds, maxBytes: Number.MAX_SAFE_INTEGER })
  const isPage = /^(text\/html|application\/xhtml\+xml)\b/i.test(mediaType)
  const facts = pageFacts(isPage ? decoded(await beginningOf(chunks, MAX_PAGE_BYTES), mediaType) : '')
  const image = facts.image && URL.canParse(facts.image, place) ? { image: new URL(facts.image, place).href } : {}
  return { ...facts, ...image }
}

async function pictureOf(url: string, bounds: Bounds): Promise<LinkPreview['thumbnail']> {
  const { chunks } = await guardedFetch(url, { ...bounds, maxBytes: MAX_PICTURE_BYTES })
  const picture = await beginningOf(chunks, MAX_PICTURE_BYTES + 1)
  return picture.length > MAX_PICTURE_BYTES ? undefined : previewOf(picture)
}

/** No more is read than that. */
async function beginningOf(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const read: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    read.push(chunk)
    bytes += chunk.length
    if (bytes >= maxBytes) break
  }
  return Buffer.concat(read).subarray(0, maxBytes)
}

/** By the character set that the server names, or the page itself; UTF-8 unless either does. */
function decoded(page: Buffer, mediaType: string): string {
  const named = /charset=["']?([\w-]+)/i
  const [, label = 'utf-8'] = named.exec(mediaType) ?? named.exec(page.subarray(0, 1_024).toString('latin1')) ?? []
  try {
    return new TextDecoder(label).decode(page)
  } catch {
    return page.toString('utf8')
  }
}
