import type { Handler, Manager } from '../handler.js'

type ActionRoute = 'reactToMessage' | 'voteInPoll' | 'respondToEvent' | 'editMessage' | 'deleteMessage' | 'starMessage'

/** What is done to messages that are there. */
export function messageActionHandlers(manager: Manager): { [Name in ActionRoute]: Handler<Name> } {
  const messagesOf = ({ sessionId }: { sessionId: string }) => manager.session(sessionId).messages
  return {
    async reactToMessage({ params, query, body }) {
      const message = await messagesOf(params).react({ id: params.messageId, ...query }, body.emoji)
      return { status: 200, body: message }
    },
    async voteInPoll({ params, query, body }) {
      return { status: 200, body: await messagesOf(params).vote({ id: params.messageId, ...query }, body.options) }
    },
    async respondToEvent({ params, query, body }) {
      return { status: 200, body: await messagesOf(params).respond({ id: params.messageId, ...query }, body) }
    },
    async editMessage({ params, query, body }) {
      return { status: 200, body: await messagesOf(params).edit({ id: params.messageId, ...query }, body) }
    },
    async deleteMessage({ params, query }) {
      const { for: whom, ...chat } = query
      const ref = { id: params.messageId, ...chat }
      return { status: 200, body: await messagesOf(params).delete(ref, whom ? { for: whom } : {}) }
    },
    async starMessage({ params, query, body }) {
      return { status: 200, body: await messagesOf(params).star({ id: params.messageId, ...query }, body.starred) }
    },
  }
}
