import type { AccountState, NewsletterState } from '../model/state.js'
import { type Query, QueryError } from './query.js'

interface Asked {
  variables?: { input?: { key?: string; type?: string } }
}

/** The answer to a question about channels. Clients number it differently: what is wanted shows by the variables. */
export function newsletterAnswer(query: Query): object {
  const { input } = askedIn(query).variables ?? {}
  const { account } = query.party
  const all = [...(query.server.world.state.newsletters?.values() ?? [])]
  if (!input) {
    const own = all.filter(({ roles }) => roles.has(account.number))
    return { data: { xwa2_newsletter_subscribed: own.map((one) => jsonOf(one, account)) } }
  }
  const found = all.find((one) => (input.type === 'JID' ? one.jid : one.invite) === input.key)
  if (!found) return { data: null, errors: [{ message: 'not found', extensions: { error_code: 404 } }] }
  return { data: { xwa2_newsletter: jsonOf(found, account) } }
}

function askedIn({ child }: Query): Asked {
  const { content } = child ?? {}
  try {
    return JSON.parse(content instanceof Uint8Array ? Buffer.from(content).toString() : String(content))
  } catch {
    throw new QueryError(400, 'bad-request')
  }
}

function jsonOf({ jid, name, description = '', invite, createdAt, roles }: NewsletterState, { number }: AccountState) {
  const text = (value: string) => ({ id: '1', text: value, update_time: String(createdAt) })
  return {
    id: jid,
    state: { type: 'ACTIVE' },
    thread_metadata: {
      name: text(name),
      description: text(description),
      creation_time: String(createdAt),
      subscribers_count: String(roles.size),
      invite,
      verification: 'UNVERIFIED',
    },
    viewer_metadata: { mute: 'OFF', role: roles.get(number) ?? 'GUEST' },
  }
}
