import type { EventHandlers } from './event-dispatch.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionState } from './session-state.js'

/** Events of the connection that are told as they are: presence, which is not logged, and calls, which are. */
export function noticeHandlers({
  state,
  publisher,
}: {
  state: SessionState
  publisher: SessionPublisher
}): Pick<EventHandlers, 'presence' | 'call'> {
  return {
    presence: ({ type: _type, ...payload }) => publisher.announce({ name: 'presence', at: state.timestamp(), payload }),
    call: async ({ type: _type, ...payload }) => {
      await publisher.publish([{ name: 'call', at: state.timestamp(), payload }])
    },
  }
}
