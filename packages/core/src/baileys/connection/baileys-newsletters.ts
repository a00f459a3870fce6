import { type BinaryNode, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { NewsletterConnection } from '../../ports/newsletter-connection.js'
import type { Newsletter, NewsletterKey } from '../../types/newsletter.js'
import { toNewsletter, type WireNewsletter } from '../translate/to-newsletter.js'
import { ask } from './ask.js'

/** WhatsApp's numbers of its questions, as clients of the time send them. */
const QUERIES = { subscribed: '6388546374527196', metadata: '6563316087068696' }

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
    const { xwa2_newsletter_subscribed: found } = await this.#mex(about, QUERIES.subscribed, {})
    return (Array.isArray(found) ? found : []).flatMap((one: WireNewsletter) => toNewsletter(one) ?? [])
  }

  async get(key: NewsletterKey): Promise<Newsletter> {
    const named = 'id' in key ? key.id : key.invite
    const input = { key: named, type: 'id' in key ? 'JID' : 'INVITE', view_role: 'GUEST' }
    const wanted = { fetch_viewer_metadata: true, fetch_full_image: true, fetch_creation_time: true }
    const { xwa2_newsletter: found } = await this.#mex('for a channel', QUERIES.metadata, { input, ...wanted })
    const newsletter = found ? toNewsletter(found) : undefined
    if (!newsletter) throw notFound(named)
    return newsletter
  }

  async #mex(about: string, queryId: string, variables: object): Promise<Record<string, unknown>> {
    const query = { tag: 'query', attrs: { query_id: queryId }, content: Buffer.from(JSON.stringify({ variables })) }
    const answer = await this.#parts.onSocket((socket) =>
      ask(socket, { about, attrs: { type: 'get', xmlns: 'w:mex' }, content: [query] }),
    )
    const { data, errors } = jsonIn(getBinaryNodeChild(answer, 'result'))
    const [error] = errors ?? []
    const statusCode = Number(error?.extensions?.error_code ?? 0)
    if (statusCode === 404) return {}
    if (error) throw new TrunklineError('WHATSAPP_REFUSED', { details: { statusCode } })
    return data ?? {}
  }
}

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
