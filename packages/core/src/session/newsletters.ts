import type { Connection } from '../ports/connector.js'
import type { Newsletter, NewsletterRequest } from '../types/newsletter.js'

/** What callers ask of the channels of a session: done over its connection. */
export function askNewsletters(
  request: NewsletterRequest,
  { newsletters }: Pick<Connection, 'newsletters'>,
): Promise<Newsletter | Newsletter[]> {
  return request.do === 'list' ? newsletters.list() : newsletters.get(request.key)
}
