import type { Newsletter } from '@trunkline/core'
import type { Handler, Manager } from '../handler.js'
import { pictureOf } from './profile.js'

type NewsletterRoute =
  | 'listNewsletters'
  | 'createNewsletter'
  | 'getNewsletter'
  | 'updateNewsletter'
  | 'setNewsletterPicture'
  | 'removeNewsletterPicture'
  | 'deleteNewsletter'
  | 'followNewsletter'
  | 'unfollowNewsletter'
  | 'muteNewsletter'
  | 'unmuteNewsletter'

type Newsletters = ReturnType<Manager['session']>['newsletters']

export function newsletterHandlers(manager: Manager): { [Name in NewsletterRoute]: Handler<Name> } {
  const newslettersOf = (sessionId: string) => manager.session(sessionId).newsletters
  const changed =
    (change: (newsletters: Newsletters, newsletterId: string) => Promise<Newsletter>) =>
    async ({ params }: { params: { sessionId: string; newsletterId: string } }) => ({
      status: 200 as const,
      body: await change(newslettersOf(params.sessionId), params.newsletterId),
    })
  return {
    async listNewsletters({ params }) {
      return { status: 200, body: { items: await newslettersOf(params.sessionId).list() } }
    },
    async createNewsletter({ params, body }) {
      return { status: 201, body: await newslettersOf(params.sessionId).create(body) }
    },
    getNewsletter: changed((newsletters, id) => newsletters.get(id)),
    async updateNewsletter({ params, body }) {
      return { status: 200, body: await newslettersOf(params.sessionId).update(params.newsletterId, body) }
    },
    async setNewsletterPicture({ params: { sessionId, newsletterId }, body, upload }) {
      const picture = await pictureOf(body, upload)
      return { status: 200, body: await newslettersOf(sessionId).setPicture(newsletterId, picture) }
    },
    removeNewsletterPicture: changed((newsletters, id) => newsletters.removePicture(id)),
    async deleteNewsletter({ params }) {
      await newslettersOf(params.sessionId).delete(params.newsletterId)
      return { status: 204, body: undefined }
    },
    followNewsletter: changed((newsletters, id) => newsletters.follow(id)),
    unfollowNewsletter: changed((newsletters, id) => newsletters.unfollow(id)),
    muteNewsletter: changed((newsletters, id) => newsletters.mute(id)),
    unmuteNewsletter: changed((newsletters, id) => newsletters.unmute(id)),
  }
}
