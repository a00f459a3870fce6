import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Inbox, X } from 'lucide-react'
import { useState } from 'react'
import { addressText, chatName, previewOf } from '../../../react/conversation/message-text.js'
import { usePersonName } from '../../../react/people/use-person.js'
import { problemText, useNow, useTrunkline } from '../../../react/provider.js'
import type { QueuedMessage, Session } from '../../../react/types.js'
import { Button, IconButton } from '../../../react/ui/button.js'
import { Empty } from '../../../react/ui/empty.js'
import { Problem } from '../../../react/ui/problem.js'
import { useMe } from '../../me.js'
import { Loading } from '../../shell/loading.js'
import { useToasts } from '../../shell/toasts.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { queueKeys } from './use-queue.js'

/** The messages that wait, in the order in which they were queued, and the way to take one back. */
export function QueuedMessages({ session }: { session: Session }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const queued = useInfiniteQuery({
    queryKey: queueKeys(session.id).messages,
    queryFn: ({ pageParam, signal }) =>
      client.queue.listQueuedMessages(
        session.id,
        { limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const items = queued.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      {queued.error ? <Problem error={queued.error} onRetry={() => void queued.refetch()} /> : null}
      {queued.isPending ? <Loading /> : null}
      {queued.data && items.length === 0 ? (
        <Empty icon={Inbox} title={t('queue.empty')} lead={t('queue.emptyLead')} />
      ) : null}
      {items.length > 0 ? (
        <ul className="card people" aria-label={t('queue.list')}>
          {items.map((item) => (
            <Row key={`${item.message.chatId} ${item.message.id}`} session={session} queued={item} />
          ))}
        </ul>
      ) : null}
      {queued.hasNextPage ? (
        <Button busy={queued.isFetchingNextPage} onClick={() => void queued.fetchNextPage()}>
          {t('do.loadMore')}
        </Button>
      ) : null}
    </>
  )
}

function Row({ session, queued }: { session: Session; queued: QueuedMessage }) {
  const { client, format } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const queries = useQueryClient()
  const { done, failed } = useToasts()
  const [busy, setBusy] = useState(false)
  const now = useNow(30_000)
  const { message, priority, sendAt, expiresAt } = queued
  const { id, chatId } = message
  const name = useRecipient(session.id, chatId)
  const cancel = async () => {
    setBusy(true)
    try {
      await client.queue.cancelMessage(session.id, id, { chatId })
      done(t('queue.canceled'))
    } catch (error) {
      failed(problemText(error, t))
    }
    await queries.invalidateQueries({ queryKey: queueKeys(session.id).all })
    setBusy(false)
  }
  const when = [
    t('queue.queuedAt', { when: format.relative(message.timestamp, now) }),
    priority === 'normal' ? undefined : t(`queue.priority.${priority}`),
    sendAt && t('queue.sendAt', { when: format.moment(sendAt) }),
    expiresAt && t('queue.expiresAt', { when: format.moment(expiresAt) }),
  ]
  return (
    <li className="person queued">
      <span className="person-text">
        <strong>{name}</strong>
        <span className="queued-text">{previewOf(message, t)}</span>
        <span className="soft">{when.filter(Boolean).join(' · ')}</span>
      </span>
      {may('messages:send') ? (
        <IconButton icon={X} label={t('queue.cancel', { name })} disabled={busy} onClick={() => void cancel()} />
      ) : null}
    </li>
  )
}

/** A person by name or number, a group by its name: the address alone tells nobody who it is. */
function useRecipient(sessionId: string, chatId: string): string {
  const { client } = useTrunkline()
  const person = usePersonName(sessionId, chatId)
  const { data: chat } = useQuery({
    queryKey: ['chat', sessionId, chatId],
    queryFn: ({ signal }) => client.chats.get(sessionId, chatId, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return chat?.name ?? person ?? (chat ? chatName(chat) : addressText(chatId))
}
