import { useQuery } from '@tanstack/react-query'
import { ChevronRight, CircleCheck } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { useTrunkline } from '../../react/provider.js'
import { useSessions } from '../../react/sessions/use-sessions.js'
import { adviceText, nameOf, phoneText, reasonText, TONES } from '../../react/status.js'
import type { Session, SessionStats, SessionStatus } from '../../react/types.js'
import { Avatar } from '../../react/ui/avatar.js'
import { Button } from '../../react/ui/button.js'
import { Problem } from '../../react/ui/problem.js'
import { StatusPill } from '../../react/ui/status-pill.js'
import { useMe } from '../me.js'
import { useSessionActions } from '../sessions/session-actions.js'
import { fits, viewOf } from '../sessions/session-view.js'
import { Fact, Facts } from '../shell/facts.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { QueuesCard } from './queues-card.js'
import { TrafficCard } from './traffic-card.js'
import { WebhooksCard } from './webhooks-card.js'

const REFRESH_MS = 15_000
const MOST_AT_FIRST = 5

/** What needs somebody comes first; how all of it is, after that. */
export function OverviewPage() {
  const { t, client, sessions: live } = useTrunkline()
  const { may } = useMe()
  const { state, sessions, error } = useSessions()
  const stats = useQuery({
    queryKey: ['stats'],
    queryFn: ({ signal }) => client.sessions.stats({ signal }),
    refetchInterval: REFRESH_MS,
  })
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => client.sessions.health({ signal }),
    refetchInterval: REFRESH_MS,
  })
  if (state === 'loading') {
    return <Loading />
  }
  const connected = sessions.filter(({ status }) => status === 'connected').length
  return (
    <div className="page">
      <PageHead title={t('overview.title')} lead={t('overview.connectedOf', { connected, total: sessions.length })} />
      {error === undefined ? null : <Problem error={error} onRetry={live.reload} />}
      <Attention sessions={sessions} connected={connected} />
      <TrafficCard stats={stats.data} />
      <div className="overview-columns">
        <ByStatus sessions={sessions} />
        <QueuesCard />
        {may('webhooks:manage') ? <WebhooksCard /> : null}
        {stats.data ? <Server stats={stats.data} storeAnswers={health.data?.storeAnswers} /> : null}
      </div>
      {stats.error ? <Problem error={stats.error} onRetry={() => void stats.refetch()} /> : null}
    </div>
  )
}

function Attention({ sessions, connected }: { sessions: readonly Session[]; connected: number }) {
  const { t } = useTrunkline()
  const [all, setAll] = useState(false)
  const problems = useMemo(() => viewOf(sessions, { search: '', filter: 'problems', sort: 'attention' }), [sessions])
  if (problems.length === 0) {
    return (
      <section className="card well">
        <span className="well-icon">
          <CircleCheck size={24} aria-hidden />
        </span>
        <div>
          <h2>{t('overview.allWell')}</h2>
          <p className="soft">
            {t('overview.allWellLead')} {connected > 0 ? t('overview.allLinked', { count: connected }) : ''}
          </p>
        </div>
      </section>
    )
  }
  const rest = problems.length - MOST_AT_FIRST
  return (
    <section className="card attention" aria-labelledby="attention">
      <h2 id="attention">
        {t('overview.attention')} <span className="nav-count">{problems.length}</span>
      </h2>
      <ul>
        {problems.slice(0, all ? problems.length : MOST_AT_FIRST).map((session) => (
          <ProblemRow key={session.id} session={session} />
        ))}
      </ul>
      {!all && rest > 0 ? (
        <div className="attention-more">
          <Button look="quiet" onClick={() => setAll(true)}>
            {t('overview.showAll', { count: rest })}
          </Button>
        </div>
      ) : null}
    </section>
  )
}

function ProblemRow({ session }: { session: Session }) {
  const { t } = useTrunkline()
  const { may } = useMe()
  const { act, link } = useSessionActions()
  const { account, statusReason, status } = session
  const name = nameOf(session)
  return (
    <li>
      <Avatar name={name} seed={session.id} badge={<span className={`tl-badge tl-tone-${TONES[status]}`} />} />
      <div className="attention-who">
        <Link href={`/sessions/${session.id}`}>{name}</Link>
        <span className="soft">{account ? phoneText(account.phone) : t('sessions.notLinked')}</span>
      </div>
      <div className="attention-why">
        <strong>{statusReason ? reasonText(statusReason, t) : t(`status.${status}`)}</strong>
        <span className="soft">{adviceText(session, t)}</span>
      </div>
      <StatusPill status={status} />
      {may('sessions:manage') ? (
        <Button
          small
          onClick={() =>
            status === 'logged_out'
              ? link(session.id)
              : act(status === 'reconnecting' ? 'resetAttempts' : 'start', [session])
          }
        >
          {t(status === 'logged_out' ? 'do.link' : status === 'reconnecting' ? 'do.tryAgain' : 'do.start')}
        </Button>
      ) : null}
    </li>
  )
}

const GROUPS = [
  ['connected', 'good'],
  ['linking', 'link'],
  ['problems', 'bad'],
  ['stopped', 'idle'],
] as const

function ByStatus({ sessions }: { sessions: readonly Session[] }) {
  const { t, format } = useTrunkline()
  const counts = GROUPS.map(([filter, tone]) => ({
    filter,
    tone,
    count: sessions.filter((session) => fits(session, filter)).length,
  }))
  const statuses = new Map<SessionStatus, number>()
  for (const { status } of sessions) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  return (
    <section className="card card-pad">
      <div className="card-head">
        <h2>{t('overview.byStatus')}</h2>
        <Link href="/sessions" className="more-link">
          {t('say.all')} <ChevronRight size={15} aria-hidden />
        </Link>
      </div>
      <div className="bar" aria-hidden>
        {counts.map(({ filter, tone, count }) =>
          count > 0 ? <span key={filter} className={`tl-tone-${tone}`} style={{ flexGrow: count }} /> : null,
        )}
      </div>
      <ul className="legend">
        {[...statuses]
          .sort(([, one], [, other]) => other - one)
          .map(([status, count]) => (
            <li key={status} className={`tl-tone-${TONES[status]}`}>
              <span className="tl-dot" aria-hidden />
              <span>{t(`status.${status}`)}</span>
              <strong>{format.number(count)}</strong>
            </li>
          ))}
      </ul>
    </section>
  )
}

function Server({
  stats: { memory, uptimeSeconds },
  storeAnswers,
}: {
  stats: SessionStats
  storeAnswers: boolean | undefined
}) {
  const { t, format, client } = useTrunkline()
  const version = useQuery({
    queryKey: ['version'],
    queryFn: () => client.service.version(),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <section className="card card-pad">
      <h2>{t('overview.server')}</h2>
      <Facts>
        <Fact name={t('overview.store')}>
          {storeAnswers === undefined ? undefined : (
            <span className={storeAnswers ? 'tl-good-text' : 'tl-bad-text'}>
              {t(storeAnswers ? 'overview.store.ok' : 'overview.store.bad')}
            </span>
          )}
        </Fact>
        <Fact name={t('overview.memory')}>
          {format.bytes(memory.rss)}
          <span className="soft"> · {t('overview.perSession', { size: format.bytes(memory.perSession) })}</span>
        </Fact>
        <Fact name={t('overview.uptime')}>{format.period(uptimeSeconds)}</Fact>
        <Fact name={t('overview.version')}>{version.data?.version}</Fact>
      </Facts>
    </section>
  )
}
