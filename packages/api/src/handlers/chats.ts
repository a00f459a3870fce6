import { boundedPage } from '../bounded-page.js'
import type { Handler, Manager } from '../handler.js'
import { messagePage, toMessageQuery } from './messages.js'

type ChatRoute = 'listChats' | 'getChat' | 'listChatMessages'

export function chatHandlers(manager: Manager): { [Name in ChatRoute]: Handler<Name> } {
  return {
    async listChats({ params, query }) {
      const read = (limit?: number) => manager.chats(params.sessionId, { ...query, ...(limit ? { limit } : {}) })
      return { status: 200, body: await boundedPage(read, query.limit) }
    },
    async getChat({ params }) {
      return { status: 200, body: await manager.chat(params.sessionId, params.chatId) }
    },
    async listChatMessages({ params, query }) {
      const { chatId } = params
      return { status: 200, body: await messagePage(manager, params.sessionId, { ...toMessageQuery(query), chatId }) }
    },
  }
}
