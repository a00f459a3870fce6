import type { Handler, Manager } from '../handler.js'

type NewsletterRoute = 'listNewsletters' | 'getNewsletter'

export function newsletterHandlers(manager: Manager): { [Name in NewsletterRoute]: Handler<Name> } {
  const newslettersOf = (sessionId: string) => manager.session(sessionId).newsletters
  return {
    async listNewsletters({ params }) {
      return { status: 200, body: { items: await newslettersOf(params.sessionId).list() } }
    },
    async getNewsletter({ params }) {
      return { status: 200, body: await newslettersOf(params.sessionId).get(params.newsletterId) }
    },
  }
}
