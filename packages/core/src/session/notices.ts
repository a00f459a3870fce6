import type { EventHandlers } from './event-dispatch.js'
import type { Identities } from './identities.js'
import { forgetPicture } from './picture-files.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

export interface NoticeHandlersParts {
  state: SessionState
  publisher: SessionPublisher
  identities: Identities
  services: Pick<SessionServices, 'store'>
}

/** Presence, which is not logged, and calls, which are: told under canonical ids. Of a picture that has changed the kept one goes. */
export function noticeHandlers({
  state,
  publisher,
  identities,
  services,
}: NoticeHandlersParts): Pick<EventHandlers, 'presence' | 'call' | 'picture'> {
  return {
    presence: async ({ type: _type, ...payload }) => {
      const [chatId = payload.chatId, senderId = payload.senderId] = await identities.canonical([
        payload.chatId,
        payload.senderId,
      ])
      await publisher.announce({ name: 'presence', at: state.timestamp(), payload: { ...payload, chatId, senderId } })
    },
    picture: async ({ id }) => {
      const [canonical = id] = await identities.canonical([id])
      await forgetPicture(services.store.media, state.id, canonical)
    },
    call: async ({ type: _type, ...payload }) => {
      const [from = payload.from] = await identities.canonical([payload.from])
      await publisher.publish([{ name: 'call', at: state.timestamp(), payload: { ...payload, from } }])
    },
  }
}
