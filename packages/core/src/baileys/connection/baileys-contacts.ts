import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  getBinaryNodeChildString,
  type WASocket,
} from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { ContactConnection } from '../../ports/contact-connection.js'
import { normalizeJid } from '../../records/jid.js'
import type { About, BusinessProfile, Picture } from '../../types/contact.js'
import type { Jid } from '../../types/jid.js'
import type { MediaLink } from '../media/media-link.js'
import { timeOf } from '../translate/to-group.js'
import { pairOf } from '../translate/to-message.js'
import { ask } from './ask.js'
import type { NumberLookup } from './look-up.js'
import { usync } from './usync.js'

/** Older tokens WhatsApp does not take. */
const TOKEN_LIFETIME_SECONDS = 28 * 24 * 60 * 60

export interface BaileysContactsParts {
  lookup: NumberLookup
  clock: Pick<Clock, 'now'>
  media: Pick<MediaLink, 'picture'>
  onSocket<Result>(work: (socket: WASocket) => Promise<Result>): Promise<Result>
}

/** People over one connection. */
export class BaileysContacts implements ContactConnection {
  readonly #parts: BaileysContactsParts

  constructor(parts: BaileysContactsParts) {
    this.#parts = parts
  }

  lookUpAll(addresses: readonly Jid[]) {
    const { lookup, onSocket } = this.#parts
    return onSocket((socket) => lookup.findAll(addresses, socket))
  }

  picture(id: Jid, { preview }: { preview: boolean }): Promise<Picture> {
    return this.#parts.onSocket(async (socket) => {
      const attrs = { type: preview ? 'preview' : 'image', query: 'url' }
      const token = await this.#token(id, socket)
      const question = { tag: 'picture', attrs, ...(token ? { content: [token] } : {}) }
      try {
        const answer = await ask(socket, {
          about: 'for a picture',
          attrs: { type: 'get', xmlns: 'w:profile:picture', target: id },
          content: [question],
        })
        const { id: pictureId, url } = getBinaryNodeChild(answer, 'picture')?.attrs ?? {}
        return url ? { state: 'shown', ...(pictureId ? { id: pictureId } : {}), url } : { state: 'none' }
      } catch (error) {
        const state = HIDDEN[statusOf(error) ?? 0]
        if (state) return { state }
        throw error
      }
    })
  }

  pictureBytes(url: string, { signal }: { signal?: AbortSignal }): AsyncIterable<Uint8Array> {
    return this.#parts.media.picture(url, signal)
  }

  about(id: Jid): Promise<About> {
    return this.#parts.onSocket(async (socket) => {
      const [user] = await usync(socket, {
        about: 'what somebody says of themselves',
        protocols: ['status'],
        users: [{ tag: 'user', attrs: { jid: id } }],
      })
      const status = user && getBinaryNodeChild(user, 'status')
      if (!status) return { state: 'none' }
      if (status.attrs.code === '401') return { state: 'hidden' }
      const text = textOf(status)
      const setAt = timeOf(status.attrs.t)
      return text ? { state: 'shown', text, ...(setAt ? { setAt } : {}) } : { state: 'none' }
    })
  }

  business(id: Jid): Promise<BusinessProfile> {
    return this.#parts.onSocket(async (socket) => {
      const profile = { tag: 'profile', attrs: { jid: id } }
      const answer = await ask(socket, {
        about: 'what a business says of itself',
        attrs: { type: 'get', xmlns: 'w:biz', to: 's.whatsapp.net' },
        content: [{ tag: 'business_profile', attrs: { v: '244' }, content: [profile] }],
      })
      return toBusiness(getBinaryNodeChild(getBinaryNodeChild(answer, 'business_profile'), 'profile'))
    })
  }

  async setBlocked({ lid, pn }: { lid?: Jid; pn?: Jid }, blocked: boolean): Promise<void> {
    const jid = lid ?? pn
    if (!jid) return
    const pnJid: Record<string, string> = blocked && lid && pn ? { pn_jid: pn } : {}
    const item = { tag: 'item', attrs: { action: blocked ? 'block' : 'unblock', jid, ...pnJid } }
    await this.#parts.onSocket((socket) =>
      ask(socket, {
        about: 'to a change of who is blocked',
        attrs: { type: 'set', xmlns: 'blocklist' },
        content: [item],
      }),
    )
  }

  async watchPresence(id: Jid): Promise<void> {
    await this.#parts.onSocket((socket) => socket.presenceSubscribe(id))
  }

  blocked() {
    return this.#parts.onSocket(async (socket) => {
      const answer = await ask(socket, { about: 'who is blocked', attrs: { type: 'get', xmlns: 'blocklist' } })
      return getBinaryNodeChildren(getBinaryNodeChild(answer, 'list'), 'item').flatMap(({ attrs }) => {
        const id = attrs.jid ? normalizeJid(attrs.jid) : undefined
        const pair = pairOf(attrs.jid, attrs.pn_jid)
        return id ? [{ id, identities: pair ? [pair] : [] }] : []
      })
    })
  }

  /** What somebody has given the account, so that it may see what others may not; kept under their LID. */
  async #token(id: Jid, socket: WASocket): Promise<BinaryNode | undefined> {
    const lid = id.endsWith('@lid') ? id : await socket.signalRepository.lidMapping.getLIDForPN(id)
    const { [lid ?? id]: kept } = await socket.authState.keys.get('tctoken', [lid ?? id])
    const since = Number(kept?.timestamp ?? 0)
    const isFresh = since > this.#parts.clock.now() / 1_000 - TOKEN_LIFETIME_SECONDS
    if (!kept?.token?.length || !isFresh) return undefined
    return { tag: 'tctoken', attrs: { t: String(since) }, content: kept.token }
  }
}

/** What WhatsApp's numbers mean about a picture. */
const HIDDEN: Readonly<Record<number, 'none' | 'hidden' | undefined>> = { 401: 'hidden', 403: 'hidden', 404: 'none' }

function statusOf(error: unknown): number | undefined {
  return TrunklineError.is(error, 'WHATSAPP_REFUSED') ? error.details.statusCode : undefined
}

function toBusiness(profile: BinaryNode | undefined): BusinessProfile {
  if (!profile) return { isBusiness: false }
  const text = (tag: string) => {
    const value = getBinaryNodeChildString(profile, tag)
    return value ? { [tag]: value } : {}
  }
  const websites = getBinaryNodeChildren(profile, 'website').flatMap((website) => textOf(website) ?? [])
  const named = getBinaryNodeChildren(getBinaryNodeChild(profile, 'categories'), 'category')
  const categories = named.flatMap((category) => textOf(category) ?? [])
  return {
    isBusiness: true,
    ...text('description'),
    ...text('address'),
    ...text('email'),
    ...(websites.length > 0 ? { websites } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  }
}

function textOf({ content }: BinaryNode): string | undefined {
  if (typeof content === 'string') return content || undefined
  return content instanceof Uint8Array ? Buffer.from(content).toString() || undefined : undefined
}
