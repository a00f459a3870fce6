import type { Handler, Manager } from '../handler.js'
import { sourceOf } from './media.js'

type ContactRoute =
  | 'listContacts'
  | 'getContact'
  | 'checkContacts'
  | 'getContactPicture'
  | 'getContactPictureFile'
  | 'getContactAbout'
  | 'getContactBusiness'
  | 'listBlockedContacts'
  | 'watchContactPresence'
  | 'blockContact'
  | 'unblockContact'

export function contactHandlers(manager: Manager): { [Name in ContactRoute]: Handler<Name> } {
  const contactsOf = (sessionId: string) => manager.session(sessionId).contacts
  return {
    async listContacts({ params, query: { q, ...page } }) {
      const query = { ...page, ...(q === undefined ? {} : { text: q }) }
      return { status: 200, body: await contactsOf(params.sessionId).list(query) }
    },
    async getContact({ params: { sessionId, contactId } }) {
      return { status: 200, body: await contactsOf(sessionId).get(contactId) }
    },
    async checkContacts({ params, body }) {
      return { status: 200, body: { items: await contactsOf(params.sessionId).check(body.numbers) } }
    },
    async getContactPicture({ params: { sessionId, contactId }, query: { preview = false } }) {
      return { status: 200, body: await contactsOf(sessionId).picture(contactId, { preview }) }
    },
    async getContactPictureFile({ params: { sessionId, contactId }, query, signal }) {
      const file = await contactsOf(sessionId).pictureFile(contactId, { ...query, ...(signal ? { signal } : {}) })
      return { source: sourceOf(file, `${contactId}.jpg`) }
    },
    async getContactAbout({ params: { sessionId, contactId } }) {
      return { status: 200, body: await contactsOf(sessionId).about(contactId) }
    },
    async getContactBusiness({ params: { sessionId, contactId } }) {
      return { status: 200, body: await contactsOf(sessionId).business(contactId) }
    },
    async listBlockedContacts({ params }) {
      return { status: 200, body: { items: await contactsOf(params.sessionId).blocked() } }
    },
    async watchContactPresence({ params: { sessionId, contactId } }) {
      await contactsOf(sessionId).watchPresence(contactId)
      return { status: 204, body: undefined }
    },
    async blockContact({ params: { sessionId, contactId } }) {
      await contactsOf(sessionId).block(contactId)
      return { status: 204, body: undefined }
    },
    async unblockContact({ params: { sessionId, contactId } }) {
      await contactsOf(sessionId).unblock(contactId)
      return { status: 204, body: undefined }
    },
  }
}
