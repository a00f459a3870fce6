import type { AreaParts } from './area.js'
import { SessionChats } from './chats.js'
import { SessionContacts } from './contacts.js'
import { SessionGroups } from './groups.js'
import { SessionLabels } from './labels.js'
import { SessionMedia } from './media.js'
import { SessionMessages } from './messages.js'
import { SessionNewsletters } from './newsletters.js'
import { SessionProfile } from './profile.js'
import { SessionQueue } from './queue.js'

/**
 * One session, by what can be done with it. It holds nothing of the session, so that it may be made for one call or kept; whether
 * there is such a session is said by the calls.
 *
 *     await manager.session('sales').messages.send({ to: '4915550000001', text: 'Hello' })
 */
export class SessionHandle {
  readonly id: string
  readonly messages: SessionMessages
  readonly chats: SessionChats
  readonly groups: SessionGroups
  readonly contacts: SessionContacts
  readonly profile: SessionProfile
  readonly newsletters: SessionNewsletters
  readonly labels: SessionLabels
  readonly media: SessionMedia
  readonly queue: SessionQueue

  constructor(sessionId: string, parts: AreaParts) {
    this.id = sessionId
    this.messages = new SessionMessages(sessionId, parts)
    this.chats = new SessionChats(sessionId, parts)
    this.groups = new SessionGroups(sessionId, parts)
    this.contacts = new SessionContacts(sessionId, parts)
    this.profile = new SessionProfile(sessionId, parts)
    this.newsletters = new SessionNewsletters(sessionId, parts)
    this.labels = new SessionLabels(sessionId, parts)
    this.media = new SessionMedia(sessionId, parts)
    this.queue = new SessionQueue(sessionId, parts)
  }
}
