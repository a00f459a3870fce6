import type { Connection } from '../ports/connector.js'
import type { NewsletterConnection } from '../ports/newsletter-connection.js'
import type { Jid } from '../types/jid.js'
import type { Newsletter, NewsletterKey, NewsletterRequest } from '../types/newsletter.js'
import { assertNever } from '../util/assert-never.js'

/** What callers ask of the channels of a session: done over its connection. */
export async function askNewsletters(
  request: NewsletterRequest,
  { newsletters }: Pick<Connection, 'newsletters'>,
): Promise<Newsletter | Newsletter[] | undefined> {
  switch (request.do) {
    case 'list':
      return newsletters.list()
    case 'get':
      return newsletters.get(request.key)
    case 'create':
      return newsletters.create(request.words)
    case 'update':
      return changed(request.key, newsletters, (id) => newsletters.update(id, request.changes))
    case 'follow':
      return changed(request.key, newsletters, (id) => newsletters.follow(id, request.following))
    case 'mute':
      return changed(request.key, newsletters, (id) => newsletters.mute(id, request.muted))
    case 'picture': {
      const picture = request.picture === undefined ? undefined : Buffer.from(request.picture, 'base64')
      return changed(request.key, newsletters, (id) => newsletters.setPicture(id, picture))
    }
    case 'delete':
      return newsletters.remove(await idOf(request.key, newsletters)).then(() => undefined)
    default:
      return assertNever(request)
  }
}

/** The channel as it is after it. */
async function changed(
  key: NewsletterKey,
  newsletters: NewsletterConnection,
  change: (id: Jid) => Promise<void>,
): Promise<Newsletter> {
  const id = await idOf(key, newsletters)
  await change(id)
  return newsletters.get({ id })
}

async function idOf(key: NewsletterKey, newsletters: NewsletterConnection): Promise<Jid> {
  return 'id' in key ? key.id : (await newsletters.get(key)).id
}
