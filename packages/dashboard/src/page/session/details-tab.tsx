import { useQuery, useQueryClient } from '@tanstack/react-query'
import { HeartPulse, LogOut, TimerReset, Trash2 } from 'lucide-react'
import { useEffect } from 'react'
import { useNow, useTrunkline } from '../../react/provider.js'
import { nameOf, phoneText, reasonText } from '../../react/status.js'
import type { Session, SessionDetails } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Problem } from '../../react/ui/problem.js'
import { useCall } from '../../react/use-call.js'
import { useMe } from '../me.js'
import { TrafficCard } from '../overview/traffic-card.js'
import { useSessionActions } from '../sessions/session-actions.js'
import { BigNumber, Fact, Facts } from '../shell/facts.js'
import { Loading } from '../shell/loading.js'
import { useSessionTexts } from '../texts/use-texts.js'

/** All that is known of a session, read again whenever its status changes. */
export function DetailsTab({ session }: { session: Session }) {
  const { client } = useTrunkline()
  const queries = useQueryClient()
  const key = ['details', session.id]
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => client.sessions.getDetails(session.id, { signal }),
  })
  const { status } = session
  // biome-ignore lint/correctness/useExhaustiveDependencies: another status is another story.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ['details', session.id] })
  }, [queries, session.id, status])
  if (error) return <Problem error={error} onRetry={() => void refetch()} />
  if (!data) {
    return <Loading />
  }
  return (
    <div className="details">
      <div className="details-column">
        <AccountCard session={session} details={data} />
        <TrafficCard sessionId={session.id} />
        <NumbersCard session={session} details={data} />
      </div>
      <div className="details-column">
        <HealthCard session={session} details={data} onChecked={() => void refetch()} />
        <LogCard details={data} />
        <DangerCard session={session} />
      </div>
    </div>
  )
}

function AccountCard({ session, details }: { session: Session; details: SessionDetails }) {
  const { format } = useTrunkline()
  const t = useSessionTexts()
  const { account } = session
  const { device } = details
  return (
    <section className="card card-pad">
      <h2>{t('session.account')}</h2>
      <Facts>
        <Fact name={t('session.phone')}>{account ? phoneText(account.phone) : t('sessions.notLinked')}</Fact>
        <Fact name={t('session.pushName')}>{account?.pushName}</Fact>
        <Fact name={t('session.platform')}>{account?.platform}</Fact>
        <Fact name={t('session.deviceName')}>{device?.name}</Fact>
        <Fact name={t('session.linkedAt')}>{device?.linkedAt ? format.moment(device.linkedAt) : undefined}</Fact>
        <Fact name={t('session.webVersion')}>{device?.webVersion}</Fact>
        <Fact name={t('session.id')}>
          <code>{session.id}</code>
        </Fact>
        <Fact name={t('session.created')}>{format.moment(session.createdAt)}</Fact>
        <Fact name={t('session.desired')}>{t(`session.desired.${session.desired}`)}</Fact>
      </Facts>
    </section>
  )
}

function NumbersCard({ session, details }: { session: Session; details: SessionDetails }) {
  const { format } = useTrunkline()
  const t = useSessionTexts()
  const { lastActivityAt, lastConnectedAt } = session
  const { counters } = details
  const now = useNow(30_000)
  const when = (time: string | undefined) => (time === undefined ? t('say.never') : format.relative(time, now))
  return (
    <section className="card card-pad">
      <h2>{t('session.numbers')}</h2>
      <div className="numbers">
        <BigNumber name={t('session.sent')} value={counters.sent} />
        <BigNumber name={t('session.received')} value={counters.received} />
        <BigNumber name={t('session.failedMessages')} value={counters.failed} bad={counters.failed > 0} />
        <BigNumber name={t('session.chats')} value={counters.chats} />
      </div>
      <Facts>
        <Fact name={t('session.lastActivity')}>{when(lastActivityAt)}</Fact>
        <Fact name={t('session.lastConnected')}>{when(lastConnectedAt)}</Fact>
        <Fact name={t('session.memory')}>{format.bytes(details.memoryBytes)}</Fact>
      </Facts>
    </section>
  )
}

function HealthCard({ session, details, onChecked }: { session: Session; details: SessionDetails; onChecked(): void }) {
  const { client, format } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const { act } = useSessionActions()
  const now = useNow(30_000)
  const { healthCheck } = details
  const { run, busy, error } = useCall(async () => {
    await client.sessions.checkHealth(session.id)
    onChecked()
  })
  return (
    <section className="card card-pad">
      <div className="card-head">
        <h2>{t('session.health')}</h2>
        {may('sessions:manage') ? (
          <div className="tl-row">
            {session.attempts.count > 0 ? (
              <Button small icon={TimerReset} onClick={() => act('resetAttempts', [session])}>
                {t('do.resetAttempts')}
              </Button>
            ) : null}
            <Button small icon={HeartPulse} busy={busy} onClick={run}>
              {t('do.checkHealth')}
            </Button>
          </div>
        ) : null}
      </div>
      {error === undefined ? null : <Problem error={error} />}
      <p className={healthCheck && !healthCheck.ok ? 'flat tl-bad-text' : 'flat'}>
        {healthCheck === undefined
          ? t('session.health.none')
          : healthCheck.ok
            ? t('session.health.ok', { ms: Math.round(healthCheck.latencyMs ?? 0) })
            : t('session.health.bad', { problem: healthCheck.problem ?? '' })}
        {healthCheck ? <span className="soft"> · {format.relative(healthCheck.at, now)}</span> : null}
      </p>
      {session.attempts.count > 0 ? (
        <p className="soft">{t('session.attempts', { count: session.attempts.count })}</p>
      ) : null}
    </section>
  )
}

function LogCard({ details: { attemptsLog, errors } }: { details: SessionDetails }) {
  const { format } = useTrunkline()
  const t = useSessionTexts()
  const logged = attemptsLog.map((entry) => ({ ...entry, key: `${entry.at} ${entry.outcome}` }))
  const known = new Set(attemptsLog.map(({ at }) => at))
  const others = errors
    .filter(({ at }) => !known.has(at))
    .map((entry) => ({ ...entry, outcome: 'close' as const, key: `${entry.at} error` }))
  const entries = [...logged, ...others].sort((one, other) => other.at.localeCompare(one.at))
  return (
    <section className="card card-pad">
      <h2>{t('session.log')}</h2>
      {entries.length === 0 ? <p className="soft">{t('session.log.empty')}</p> : null}
      <ol className="log">
        {entries.map(({ key, at, outcome, code, message }) => (
          <li
            key={key}
            className={
              outcome === 'open' ? 'tl-tone-good' : code === 'RESTART_REQUIRED' ? 'tl-tone-idle' : 'tl-tone-bad'
            }
          >
            <span className="tl-dot" aria-hidden />
            <div>
              <strong>
                {outcome === 'open'
                  ? t('session.log.open')
                  : code
                    ? reasonText({ code, message: message ?? code, action: '' }, t)
                    : t('session.log.close')}
              </strong>
              {message && outcome === 'close' && code !== 'RESTART_REQUIRED' ? <span>{message}</span> : null}
            </div>
            <time dateTime={at} title={at}>
              {format.moment(at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  )
}

function DangerCard({ session }: { session: Session }) {
  const t = useSessionTexts()
  const { may } = useMe()
  const { act } = useSessionActions()
  if (!may('sessions:manage')) return null
  return (
    <section className="card card-pad" aria-label={`${t('session.danger')}: ${nameOf(session)}`}>
      <h2>{t('session.danger')}</h2>
      {session.account ? (
        <div className="danger-row">
          <p className="soft">{t('session.danger.logout')}</p>
          <Button icon={LogOut} onClick={() => act('logout', [session])}>
            {t('do.logout')}
          </Button>
        </div>
      ) : null}
      <div className="danger-row">
        <p className="soft">{t('session.danger.delete')}</p>
        <Button look="danger" icon={Trash2} onClick={() => act('delete', [session])}>
          {t('do.delete')}
        </Button>
      </div>
    </section>
  )
}
