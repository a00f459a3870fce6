import { proto } from '@whiskeysockets/baileys'
import type { AccountState, NewsletterState } from '../model/state.js'
import { addressOf, type Party, partiesOf } from '../model/world.js'
import { SimulatorError } from '../util/errors.js'
import { type BinaryNode, childBytes, childOf, node } from '../wire/node.js'
import type { ServerContext } from './server-context.js'

export interface NewNewsletter {
  name: string
  description?: string
  owner: AccountState
  subscribers: AccountState[]
}

export const isNewsletterJid = (jid: string | undefined): boolean => jid?.endsWith('@newsletter') ?? false

export function createNewsletter(
  server: ServerContext,
  { owner, subscribers, ...words }: NewNewsletter,
): NewsletterState {
  const digits = [...server.randomBytes(12)].map((byte) => byte % 10).join('')
  const newsletter: NewsletterState = {
    jid: `120363${digits}@newsletter`,
    ...words,
    invite: server.randomBytes(11).toString('hex'),
    createdAt: Number(server.seconds()),
    roles: new Map([
      ...subscribers.map(({ number }) => [number, 'SUBSCRIBER'] as const),
      [owner.number, 'OWNER'] as const,
    ]),
    posts: new Map(),
  }
  const { state } = server.world
  state.newsletters ??= new Map()
  state.newsletters.set(newsletter.jid, newsletter)
  server.changed()
  return newsletter
}

/** Throws `GROUP_NOT_FOUND` where there is no such channel. */
export function newsletterOf(server: ServerContext, jid: string): NewsletterState {
  const newsletter = server.world.state.newsletters?.get(jid)
  if (newsletter) return newsletter
  throw new SimulatorError('GROUP_NOT_FOUND', `There is no channel ${jid}`, { field: 'newsletter' })
}

/** A post, or a reaction to one. Answers the error code of its ack, if it is refused. */
export function onNewsletterMessage(server: ServerContext, sender: Party, message: BinaryNode): number | undefined {
  const newsletter = server.world.state.newsletters?.get(message.attrs.to ?? '')
  const { number } = sender.account
  const role = newsletter?.roles.get(number)
  if (!newsletter || !role) return 404
  const reaction = childOf(message, 'reaction')
  if (reaction) {
    const post = newsletter.posts.get(message.attrs.server_id ?? '')
    if (!post || message.attrs.type !== 'reaction') return 479
    const { code } = reaction.attrs
    if (code === undefined && message.attrs.edit !== '7') return 479
    if (code === undefined) post.reactions.delete(number)
    else post.reactions.set(number, code)
    server.changed()
    return undefined
  }
  if (role === 'SUBSCRIBER') return 403
  const plaintext = childBytes(message, 'plaintext')
  if (!childOf(message, 'plaintext')) return 479
  const { id = '', type = '', edit } = message.attrs
  if (edit !== undefined) return changePost(server, newsletter, { id, type, edit, plaintext, besides: sender })
  if (!plaintext || !isWhole(server, message, plaintext)) return 479
  post(server, newsletter, { id, type, plaintext, besides: sender })
  return undefined
}

/** Under its own id: 3 for other words, 8 for its end. */
function changePost(
  server: ServerContext,
  newsletter: NewsletterState,
  { id, type, edit, plaintext, besides }: Omit<Posted, 'plaintext'> & { edit: string; plaintext: Buffer | undefined },
): number | undefined {
  const [serverId, post] = [...newsletter.posts].find(([, one]) => one.id === id) ?? []
  if (!serverId || !post || post.deleted) return 404
  if (edit === '8' && !plaintext?.length) {
    post.deleted = true
    post.message = Buffer.alloc(0)
  } else if (edit === '3' && plaintext?.length) {
    post.edited = true
    post.message = plaintext
  } else return 479
  tell(server, newsletter, { attributes: { id, server_id: serverId, type: type ?? 'text', edit }, post, besides })
  return undefined
}

/** A text, or a file with the name that the media host gave it and its kind. Real servers take no polls this way. */
function isWhole(server: ServerContext, message: BinaryNode, plaintext: Buffer): boolean {
  const { type, media_id: handle } = message.attrs
  const mediatype = childOf(message, 'plaintext')?.attrs.mediatype
  if (type === 'text') return mediatype === undefined && handle === undefined
  if (type !== 'media' || !mediatype || !handle) return false
  const part = partIn(proto.Message.decode(plaintext))
  return (
    part?.directPath !== undefined && !part.mediaKey?.length && server.media.handleOf(part.directPath ?? '') === handle
  )
}

function partIn(message: proto.IMessage): Pick<proto.Message.IImageMessage, 'directPath' | 'mediaKey'> | undefined {
  const wrapped = message.documentWithCaptionMessage?.message
  if (wrapped) return partIn(wrapped)
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } = message
  return imageMessage ?? videoMessage ?? audioMessage ?? documentMessage ?? stickerMessage ?? undefined
}

interface Posted {
  id: string
  type?: string
  plaintext: Buffer
  /** The device that has written it. */
  besides?: Party | undefined
}

export function post(
  server: ServerContext,
  newsletter: NewsletterState,
  { id, type = 'text', plaintext, besides }: Posted,
): void {
  const serverId = String(100 + newsletter.posts.size)
  const added = { id, message: plaintext, reactions: new Map() }
  newsletter.posts.set(serverId, added)
  tell(server, newsletter, { attributes: { id, server_id: serverId, type }, post: added, besides })
}

/** To everybody who has the channel, but the device that has written it. */
function tell(
  server: ServerContext,
  newsletter: NewsletterState,
  told: { attributes: Record<string, string>; post: { message: Buffer }; besides: Party | undefined },
): void {
  const { besides } = told
  const attributes = { from: newsletter.jid, ...told.attributes, t: server.seconds() }
  const meta = told.attributes.edit ? [node('meta', { msg_edit_t: String(server.clock.now()) })] : []
  for (const number of newsletter.roles.keys()) {
    const account = server.world.account(number)
    for (const party of account ? partiesOf(account) : []) {
      if (besides && addressOf(party) === addressOf(besides)) continue
      server.deliver(party, node('message', attributes, [node('plaintext', {}, told.post.message), ...meta]))
    }
  }
  server.changed()
}
