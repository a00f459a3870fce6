import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useTrunkline } from '../../react/provider.js'
import { useSession } from '../../react/sessions/use-sessions.js'
import { nameOf } from '../../react/status.js'
import type { Queue, QueueLength } from '../../react/types.js'
import { Problem } from '../../react/ui/problem.js'
import { queueKeys } from '../session/queue/use-queue.js'

const REFRESH_MS = 15_000
/** How many of the longest queues are told of. */
const SHOWN = 5

const TONES = { running: 'good', limited: 'work', paused: 'work', offline: 'bad' } as const satisfies Record<
  Queue['state'],
  string
>

/** What waits to be sent, and in which sessions most of it. */
export function QueuesCard() {
  const { t, client } = useTrunkline()
  const queues = useQuery({
    queryKey: ['queues'],
    queryFn: ({ signal }) => client.sessions.queues({ signal }),
    refetchInterval: REFRESH_MS,
  })
  const items = queues.data?.items ?? []
  const longest = items.slice(0, SHOWN)
  const states = useQueries({
    queries: longest.map(({ sessionId }) => ({
      queryKey: queueKeys(sessionId).state,
      queryFn: ({ signal }: { signal: AbortSignal }) => client.queue.get(sessionId, { signal }),
      refetchInterval: REFRESH_MS,
    })),
  })
  const waiting = items.reduce((sum, one) => sum + one.waiting, 0)
  return (
    <section className="card card-pad">
      <h2>{t('overview.queues')}</h2>
      {queues.error ? <Problem error={queues.error} onRetry={() => void queues.refetch()} /> : null}
      {queues.data === undefined ? null : items.length === 0 ? (
        <p className="soft">{t('overview.queues.none')}</p>
      ) : (
        <>
          <p className="queues-sum">
            <strong>{t('overview.queues.count', { count: waiting })}</strong>{' '}
            <span className="soft">{t('overview.queues.of', { count: items.length })}</span>
          </p>
          <ul className="legend">
            {longest.map((queue, place) => (
              <QueueRow key={queue.sessionId} queue={queue} state={states[place]?.data?.state} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function QueueRow({ queue: { sessionId, waiting }, state }: { queue: QueueLength; state: Queue['state'] | undefined }) {
  const { t, format } = useTrunkline()
  const session = useSession(sessionId)
  return (
    <li className={`tl-tone-${state ? TONES[state] : 'idle'}`}>
      <span className="tl-dot" aria-hidden />
      <span>
        <Link href={`/sessions/${sessionId}?tab=queue`}>{session ? nameOf(session) : sessionId}</Link>
        {state === undefined || state === 'running' ? null : (
          <span className="soft"> · {t(`overview.queues.${state}`)}</span>
        )}
      </span>
      <strong>{format.number(waiting)}</strong>
    </li>
  )
}
