import { type BinaryNode, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { NewsletterConnection } from '../../ports/newsletter-connection.js'
import type { Jid } from '../../types/jid.js'
import type { NewNewsletter, Newsletter, NewsletterChanges, NewsletterKey } from '../../types/newsletter.js'
import { toNewsletter, type WireNewsletter } from '../translate/to-newsletter.js'
import { ask } from './ask.js'
import { profilePicture } from './profile-picture.js'

/** WhatsApp's numbers of its questions, as clients of the time send them, and where each answer stands. */
const QUERIES = {
  subscribed: { id: '6388546374527196', path: 'xwa2_newsletter_subscribed' },
  metadata: { id: '6563316087068696', path: 'xwa2_newsletter' },
  create: { id: '8823471724422422', path: 'xwa2_newsletter_create' },
  update: { id: '24250201037901610', path: 'xwa2_newsletter_update' },
  remove: { id: '30062808666639665', path: 'xwa2_newsletter_delete_v2' },
  follow: { id: '24404358912487870', path: 'xwa2_newsletter_join_v2' },
  unfollow: { id: '9767147403369991', path: 'xwa2_newsletter_leave_v2' },
  mute: { id: '29766401636284406', path: 'xwa2_newsletter_mute_v2' },
  unmute: { id: '9864994326891137', path: 'xwa2_newsletter_unmute_v2' },
} as const

export interface BaileysNewslettersParts {
  onSocket<Result>(work: (socket: WASocket) => Promise<Result>): Promise<Result>
}

/** Channels over one connection: asked for in JSON, within the iq that WhatsApp calls mex. */
export class BaileysNewsletters implements NewsletterConnection {
  readonly #parts: BaileysNewslettersParts

  constructor(parts: BaileysNewslettersParts) {
    this.#parts = parts
  }

  async list(): Promise<Newsletter[]> {
    const about = 'which channels the account has'
    const found = await this.#mex(about, QUERIES.subscribed, {})
    return (Array.isArray(found) ? found : []).flatMap((one: WireNewsletter) => toNewsletter(one) ?? [])
  }

  async get(key: NewsletterKey): Promise<Newsletter> {
    const named = 'id' in key ? key.id : key.invite
    const input = { key: named, type: 'id' in key ? 'JID' : 'INVITE', view_role: 'GUEST' }
    const wanted = { fetch_viewer_metadata: true, fetch_full_image: true, fetch_creation_time: true }
    const found = await this.#mex<WireNewsletter>('for a channel', QUERIES.metadata, { input, ...wanted })
    const newsletter = found ? toNewsletter(found) : undefined
    if (!newsletter) throw notFound(named)
    return newsletter
  }

  async create({ name, description = '' }: NewNewsletter): Promise<Newsletter> {
    const input = { name, description: description || null }
    const made = await this.#mex<WireNewsletter>('for a new channel', QUERIES.create, { input })
    const newsletter = made ? toNewsletter(made) : undefined
    if (!newsletter)
      throw new TrunklineError('CONNECTION_LOST', { message: 'WhatsApp gave no answer that can be read' })
    // Who makes a channel owns it, which the answer does not always say.
    return { role: 'owner', muted: false, ...newsletter }
  }

  update(id: Jid, changes: NewsletterChanges): Promise<void> {
    return this.#change(QUERIES.update, id, { updates: { ...changes, settings: null } })
  }

  async setPicture(id: Jid, picture: Uint8Array | undefined): Promise<void> {
    // Here it is a text among the others of the channel; an empty one takes it away.
    const text = picture ? Buffer.from(await profilePicture(picture)).toString('base64') : ''
    await this.#change(QUERIES.update, id, { updates: { picture: text, settings: null } })
  }

  remove(id: Jid): Promise<void> {
    return this.#change(QUERIES.remove, id)
  }

  follow(id: Jid, following: boolean): Promise<void> {
    return this.#change(following ? QUERIES.follow : QUERIES.unfollow, id)
  }

  mute(id: Jid, muted: boolean): Promise<void> {
    return this.#change(muted ? QUERIES.mute : QUERIES.unmute, id)
  }

  async #change(query: MexQuery, id: Jid, more: object = {}): Promise<void> {
    const done = await this.#mex('to change a channel', query, { newsletter_id: id, ...more })
    if (!done) throw notFound(id)
  }

  /** `undefined` where WhatsApp has no such channel. */
  async #mex<Found>(about: string, { id, path }: MexQuery, variables: object): Promise<Found | undefined> {
    const query = { tag: 'query', attrs: { query_id: id }, content: Buffer.from(JSON.stringify({ variables })) }
    const answer = await this.#parts.onSocket((socket) =>
      ask(socket, { about, attrs: { type: 'get', xmlns: 'w:mex' }, content: [query] }),
    )
    const { data, errors } = jsonIn(getBinaryNodeChild(answer, 'result'))
    const [error] = errors ?? []
    const statusCode = Number(error?.extensions?.error_code ?? 0)
    if (statusCode === 404) return undefined
    if (error) throw new TrunklineError('WHATSAPP_REFUSED', { details: { statusCode } })
    return (data?.[path] ?? undefined) as Found | undefined
  }
}

type MexQuery = (typeof QUERIES)[keyof typeof QUERIES]

interface MexAnswer {
  data?: Record<string, unknown> | null
  errors?: { extensions?: { error_code?: unknown } }[]
}

/** @throws CONNECTION_LOST for what is no answer */
function jsonIn(result: BinaryNode | undefined): MexAnswer {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(result?.content as Uint8Array).toString())
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // Told below.
  }
  throw new TrunklineError('CONNECTION_LOST', { message: 'WhatsApp gave no answer that can be read' })
}

function notFound(chatId: string): TrunklineError {
  return new TrunklineError('CHAT_NOT_FOUND', { details: { chatId } })
}
