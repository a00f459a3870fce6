import type { Chat } from '@trunkline/core'
import type { Handler, Manager } from '../handler.js'

type ActionRoute =
  | 'readChat'
  | 'unreadChat'
  | 'archiveChat'
  | 'unarchiveChat'
  | 'pinChat'
  | 'unpinChat'
  | 'muteChat'
  | 'unmuteChat'
  | 'clearChat'
  | 'setChatDisappearing'
  | 'deleteChat'
  | 'sendChatPresence'
  | 'requestChatHistory'

type Chats = ReturnType<Manager['session']>['chats']

/** What is done to chats, here and on the phone. */
export function chatActionHandlers(manager: Manager): { [Name in ActionRoute]: Handler<Name> } {
  const chatsOf = ({ sessionId }: { sessionId: string }) => manager.session(sessionId).chats
  const changed =
    (change: (chats: Chats, chatId: string) => Promise<Chat>) =>
    async ({ params }: { params: { sessionId: string; chatId: string } }) => ({
      status: 200 as const,
      body: await change(chatsOf(params), params.chatId),
    })
  return {
    readChat: changed((chats, chatId) => chats.read(chatId)),
    unreadChat: changed((chats, chatId) => chats.unread(chatId)),
    archiveChat: changed((chats, chatId) => chats.archive(chatId)),
    unarchiveChat: changed((chats, chatId) => chats.unarchive(chatId)),
    pinChat: changed((chats, chatId) => chats.pin(chatId)),
    unpinChat: changed((chats, chatId) => chats.unpin(chatId)),
    unmuteChat: changed((chats, chatId) => chats.unmute(chatId)),
    async muteChat({ params, body }) {
      return { status: 200, body: await chatsOf(params).mute(params.chatId, body) }
    },
    async clearChat({ params, body }) {
      return { status: 200, body: await chatsOf(params).clear(params.chatId, body) }
    },
    async setChatDisappearing({ params, body }) {
      return { status: 200, body: await chatsOf(params).setDisappearing(params.chatId, body.seconds) }
    },
    async deleteChat({ params }) {
      await chatsOf(params).delete(params.chatId)
      return { status: 204, body: undefined }
    },
    async sendChatPresence({ params, body }) {
      await chatsOf(params).sendPresence(params.chatId, body.state)
      return { status: 204, body: undefined }
    },
    async requestChatHistory({ params, body }) {
      await chatsOf(params).requestHistory(params.chatId, body)
      return { status: 202, body: undefined }
    },
  }
}
