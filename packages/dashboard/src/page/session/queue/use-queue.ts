import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTrunkline } from '../../../react/provider.js'
import type { SessionStatus } from '../../../react/types.js'
import { useNews } from '../use-news.js'

const NEWS = ['message.status', 'session.limited'] as const

export function queueKeys(sessionId: string) {
  const all = ['queue', sessionId] as const
  return { all, state: [...all, 'state'] as const, messages: [...all, 'messages'] as const }
}

/** How the queue of a session is. `freshMs`: also asked again so often, for what no event tells. */
export function useQueue(sessionId: string, freshMs?: number) {
  const { client } = useTrunkline()
  return useQuery({
    queryKey: queueKeys(sessionId).state,
    queryFn: ({ signal }) => client.queue.get(sessionId, { signal }),
    ...(freshMs === undefined ? {} : { refetchInterval: freshMs }),
  })
}

/** Whatever is shown of a queue is read again when an event or another status says that it is another one. */
export function useQueueNews(sessionId: string, status: SessionStatus | undefined): void {
  const queries = useQueryClient()
  useNews('queue', sessionId, NEWS)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another status other things hold it back.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: queueKeys(sessionId).all })
  }, [queries, sessionId, status])
}
