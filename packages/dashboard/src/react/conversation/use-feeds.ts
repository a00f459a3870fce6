import { useMemo, useSyncExternalStore } from 'react'
import { useTrunkline } from '../provider.js'
import { ChatFeed, type ChatsSnapshot } from './chat-feed.js'
import { type FeedSnapshot, MessageFeed } from './message-feed.js'

/** The chats of a session, live, and what asks for more of them. */
export function useChats(sessionId: string): ChatsSnapshot & Pick<ChatFeed, 'more' | 'reload'> {
  const { client } = useTrunkline()
  const feed = useMemo(() => new ChatFeed(client, sessionId), [client, sessionId])
  const snapshot = useSyncExternalStore(feed.subscribe, feed.snapshot)
  return { ...snapshot, more: feed.more, reload: feed.reload }
}

/** The messages of a chat, live, and what asks for older ones. */
export function useMessages(
  sessionId: string,
  chatId: string,
): FeedSnapshot & Pick<MessageFeed, 'older' | 'put' | 'reload'> {
  const { client } = useTrunkline()
  const feed = useMemo(() => new MessageFeed(client, { sessionId, chatId }), [client, sessionId, chatId])
  const snapshot = useSyncExternalStore(feed.subscribe, feed.snapshot)
  return { ...snapshot, older: feed.older, put: feed.put, reload: feed.reload }
}
