import { useEffect } from 'react'
import { useTrunkline } from '../provider.js'

export interface UnreadChat {
  sessionId: string
  chatId: string
  /** Nothing is marked while it is 0, or left out. */
  unreadCount: number | undefined
  connected: boolean
}

/** Of a burst of messages, so that it is marked once. */
const PAUSE_MS = 300

/** Marks a chat as read while somebody has it before their eyes: not in a tab behind others, and not while nothing can be told. */
export function useMarkRead({ sessionId, chatId, unreadCount = 0, connected }: UnreadChat): void {
  const { client } = useTrunkline()
  useEffect(() => {
    if (!connected || unreadCount === 0) return
    const gone = new AbortController()
    const mark = () => {
      if (document.visibilityState !== 'visible') return
      // What is refused stays unread, as it is shown; the next message, or the next look, tries again.
      client.chats.read(sessionId, chatId, { signal: gone.signal }).catch(() => {})
    }
    const timer = setTimeout(mark, PAUSE_MS)
    document.addEventListener('visibilitychange', mark, { signal: gone.signal })
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [client, sessionId, chatId, unreadCount, connected])
}
