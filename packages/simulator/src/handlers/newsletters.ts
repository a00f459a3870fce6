import type { AccountState, NewsletterState } from '../model/state.js'
import { createNewsletter } from '../server/newsletters.js'
import { changeNewsletterPicture, isJpeg, shownPicture } from '../server/pictures.js'
import type { ServerContext } from '../server/server-context.js'
import { type Query, QueryError } from './query.js'

interface Updates {
  name?: string
  description?: string
  /** A JPEG as base64; an empty one takes it away. */
  picture?: string
}

interface Asked {
  variables?: {
    input?: { key?: string; type?: string; name?: string; description?: string | null }
    newsletter_id?: string
    updates?: Updates
  }
}

/** Changes that say by their number alone what they are, of both clients that are known. */
const CHANGES: Record<
  string,
  { path: string; kind: 'follow' | 'unfollow' | 'mute' | 'unmute' | 'delete' } | undefined
> = {
  '24404358912487870': { path: 'xwa2_newsletter_join_v2', kind: 'follow' },
  '9926858900719341': { path: 'xwa2_newsletter_join_v2', kind: 'follow' },
  '9767147403369991': { path: 'xwa2_newsletter_leave_v2', kind: 'unfollow' },
  '6392786840836363': { path: 'xwa2_newsletter_leave_v2', kind: 'unfollow' },
  '29766401636284406': { path: 'xwa2_newsletter_mute_v2', kind: 'mute' },
  '9864994326891137': { path: 'xwa2_newsletter_unmute_v2', kind: 'unmute' },
  '30062808666639665': { path: 'xwa2_newsletter_delete_v2', kind: 'delete' },
}

/** The answer to a question about channels. Clients number it differently: what is wanted shows by the variables. */
export function newsletterAnswer(query: Query): object {
  const { input, newsletter_id: id, updates } = askedIn(query).variables ?? {}
  const { account } = query.party
  const all = [...(query.server.world.state.newsletters?.values() ?? [])]
  if (id !== undefined) {
    const found = all.find(({ jid }) => jid === id)
    if (!found) return refused(404)
    return updates ? updated(query, found, updates) : changed(query, found)
  }
  if (!input) {
    const own = all.filter(({ roles }) => roles.has(account.number))
    return { data: { xwa2_newsletter_subscribed: own.map((one) => jsonOf(query.server, one, account)) } }
  }
  if (input.name !== undefined) {
    const { name, description } = input
    const words = { name, ...(description ? { description } : {}) }
    const made = createNewsletter(query.server, { ...words, owner: account, subscribers: [] })
    return { data: { xwa2_newsletter_create: jsonOf(query.server, made, account) } }
  }
  const found = all.find((one) => (input.type === 'JID' ? one.jid : one.invite) === input.key)
  if (!found) return refused(404)
  return { data: { xwa2_newsletter: jsonOf(query.server, found, account) } }
}

/** By who runs it. */
function updated({ party, server }: Query, newsletter: NewsletterState, updates: Updates) {
  const role = newsletter.roles.get(party.account.number)
  if (role !== 'OWNER' && role !== 'ADMIN') return refused(403)
  const picture = Buffer.from(updates.picture ?? '', 'base64')
  if (picture.length > 0 && !isJpeg(picture)) return refused(406)
  if (updates.picture !== undefined)
    changeNewsletterPicture(server, newsletter, picture.length > 0 ? picture : undefined)
  if (updates.name) newsletter.name = updates.name
  if (updates.description !== undefined) newsletter.description = updates.description
  server.changed()
  return { data: { xwa2_newsletter_update: jsonOf(server, newsletter, party.account) } }
}

function changed({ party: { account }, server, child }: Query, newsletter: NewsletterState) {
  const change = CHANGES[child?.attrs.query_id ?? '']
  if (!change) return refused(400)
  const role = newsletter.roles.get(account.number)
  switch (change.kind) {
    case 'follow':
      if (!role) newsletter.roles.set(account.number, 'SUBSCRIBER')
      break
    case 'unfollow':
      if (role === 'OWNER') return refused(403)
      newsletter.roles.delete(account.number)
      break
    case 'mute':
    case 'unmute': {
      if (!role) return refused(403)
      const muted = new Set(newsletter.muted)
      if (change.kind === 'mute') muted.add(account.number)
      else muted.delete(account.number)
      newsletter.muted = muted
      break
    }
    case 'delete':
      if (role !== 'OWNER') return refused(403)
      server.world.state.newsletters?.delete(newsletter.jid)
      break
  }
  server.changed()
  return { data: { [change.path]: { id: newsletter.jid, state: { type: 'ACTIVE' } } } }
}

function refused(code: number) {
  return { data: null, errors: [{ message: 'refused', extensions: { error_code: code } }] }
}

function askedIn({ child }: Query): Asked {
  const { content } = child ?? {}
  try {
    return JSON.parse(content instanceof Uint8Array ? Buffer.from(content).toString() : String(content))
  } catch {
    throw new QueryError(400, 'bad-request')
  }
}

function jsonOf(server: ServerContext, newsletter: NewsletterState, { number }: AccountState) {
  const { jid, name, description = '', invite, createdAt, roles, muted } = newsletter
  const text = (value: string) => ({ id: '1', text: value, update_time: String(createdAt) })
  return {
    id: jid,
    state: { type: 'ACTIVE' },
    thread_metadata: {
      name: text(name),
      description: text(description),
      picture: pictureOf(server, newsletter, 'image'),
      preview: pictureOf(server, newsletter, 'preview'),
      creation_time: String(createdAt),
      subscribers_count: String(roles.size),
      invite,
      verification: 'UNVERIFIED',
    },
    viewer_metadata: { mute: muted?.has(number) ? 'ON' : 'OFF', role: roles.get(number) ?? 'GUEST' },
  }
}

function pictureOf(server: ServerContext, { picture }: NewsletterState, type: 'image' | 'preview') {
  if (!picture) return { id: '0', direct_path: '', type: type.toUpperCase() }
  return { id: picture.id, direct_path: shownPicture(server, picture, type).directPath, type: type.toUpperCase() }
}
