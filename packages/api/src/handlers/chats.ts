import type { Handler, Manager } from '../handler.js'
import { toMessageQuery } from './messages.js'

type ChatRoute = 'listChats' | 'getChat' | 'listChatMessages'

export function chatHandlers(manager: Manager): { [Name in ChatRoute]: Handler<Name> } {
  return {
    async listChats({ params, query }) {
      return { status: 200, body: await manager.chats(params.sessionId, query) }
    },
    async getChat({ params }) {
      return { status: 200, body: await manager.chat(params.sessionId, params.chatId) }
    },
    async listChatMessages({ params, query }) {
      const { chatId } = params
      return { status: 200, body: await manager.messages(params.sessionId, { ...toMessageQuery(query), chatId }) }
    },
  }
}
