import type { EventHandlers } from './event-dispatch.js'
import type { Identities } from './identities.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionState } from './session-state.js'

export interface NoticeHandlersParts {
  state: SessionState
  publisher: SessionPublisher
  identities: Identities
}

/** Presence, which is not logged, and calls, which are: told under canonical ids. */
export function noticeHandlers({
  state,
  publisher,
  identities,
}: NoticeHandlersParts): Pick<EventHandlers, 'presence' | 'call'> {
  return {
    presence: async ({ type: _type, ...payload }) => {
      const [chatId = payload.chatId, senderId = payload.senderId] = await identities.canonical([
        payload.chatId,
        payload.senderId,
      ])
      await publisher.announce({ name: 'presence', at: state.timestamp(), payload: { ...payload, chatId, senderId } })
    },
    call: async ({ type: _type, ...payload }) => {
      const [from = payload.from] = await identities.canonical([payload.from])
      await publisher.publish([{ name: 'call', at: state.timestamp(), payload: { ...payload, from } }])
    },
  }
}
