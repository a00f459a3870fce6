import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTrunkline } from '../../react/provider.js'

/** A queue that is worked off, or a history that comes in, tells of every message or person: what is shown is read anew at most this often. */
const NEWS_MS = 400

type News = 'message.status' | 'session.limited' | 'contact.updated'

/**
 * Reads again whatever is shown of an area of a session, the queries `[area, sessionId]`, when one of these events tells that it is another
 * one, or events were lost. `names` is the same array each time.
 */
export function useNews(area: string, sessionId: string, names: readonly News[]): void {
  const { client } = useTrunkline()
  const queries = useQueryClient()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    // Many news, few requests: the first of them starts the time after which they are read.
    const hear = (event: { sessionId: string }) => {
      if (event.sessionId !== sessionId) return
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ queryKey: [area, sessionId] })
      }, NEWS_MS)
    }
    const offs = [...names, 'events.gap' as const].map((name) => client.events.on(name, hear))
    return () => {
      clearTimeout(timer)
      for (const off of offs) off()
    }
  }, [client, queries, area, sessionId, names])
}
