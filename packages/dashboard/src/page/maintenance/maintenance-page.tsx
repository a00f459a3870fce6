import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useNow, useTrunkline } from '../../react/provider.js'
import type { MaintenanceChanges, MaintenanceStep } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Problem } from '../../react/ui/problem.js'
import { useCall } from '../../react/use-call.js'
import { useMe } from '../me.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { useToasts } from '../shell/toasts.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { NodesSection } from './nodes-section.js'
import { StepSettings } from './step-settings.js'

const REFRESH_MS = 10_000
/** What steps count, as far as this version knows. */
const COUNTS = [
  ...(['checked', 'problems', 'reconnected', 'started', 'stopped', 'removed', 'messages', 'events', 'audit'] as const),
  ...(['jobs', 'media', 'traffic', 'archives', 'sessions', 'keys'] as const),
] as const

/** What the server does by itself, when it did it last, and what came of it. */
export function MaintenancePage() {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const { data, error, refetch } = useQuery({
    queryKey: ['maintenance'],
    queryFn: ({ signal }) => client.sessions.listMaintenance({ signal }),
    refetchInterval: REFRESH_MS,
  })
  return (
    <div className="page">
      <PageHead title={t('maintenance.title')} lead={t('maintenance.lead')} />
      <NodesSection />
      {error ? <Problem error={error} onRetry={() => void refetch()} /> : null}
      {data ? (
        <div className="steps">
          {data.items.map((step) => (
            <Step key={step.name} step={step} changes={data.changes} />
          ))}
          <p className="soft">{t(data.changes ? 'maintenance.forAllLead' : 'maintenance.settingsLead')}</p>
        </div>
      ) : error ? null : (
        <Loading />
      )}
    </div>
  )
}

function Step({ step, changes }: { step: MaintenanceStep; changes: MaintenanceChanges | undefined }) {
  const { client, format } = useTrunkline()
  const t = useAdminTexts()
  const { may } = useMe()
  const { done } = useToasts()
  const queries = useQueryClient()
  const now = useNow(10_000)
  const { name, intervalSeconds, running, lastRun, nextAt } = step
  const title = t(`maintenance.${name}`)
  const { run, busy, error } = useCall(async () => {
    await client.sessions.runMaintenance(name)
    await queries.invalidateQueries({ queryKey: ['maintenance'] })
    done(t('maintenance.done', { name: title }))
  })
  const countName = (what: string) => {
    const known = COUNTS.find((each) => each === what)
    return known === undefined ? what : t(`maintenance.count.${known}`)
  }
  const counted = Object.entries(lastRun?.did ?? {}).filter(([, count]) => count > 0)
  return (
    <section className="card card-pad step" aria-labelledby={`step-${name}`}>
      <div className="card-head">
        <h2 id={`step-${name}`}>{title}</h2>
        {may('system:manage') ? (
          // One that runs is spread over minutes, and hurries when it is asked for.
          <Button small icon={Play} busy={busy} onClick={run}>
            {t(busy ? 'maintenance.running' : 'maintenance.run')}
          </Button>
        ) : null}
      </div>
      <p className="flat">{t(`maintenance.${name}.means`)}</p>
      <p className="soft">
        {intervalSeconds === undefined
          ? t('maintenance.off')
          : t('maintenance.every', { period: everyText(format.period(intervalSeconds, { exact: true })) })}
        {running
          ? ` · ${t('maintenance.running')}`
          : nextAt === undefined
            ? ''
            : `, ${t('maintenance.next', { when: format.relative(nextAt, now) })}`}
      </p>
      <p className="soft">
        {lastRun
          ? t('maintenance.last', { when: format.relative(lastRun.at, now), ms: Math.round(lastRun.durationMs) })
          : t('maintenance.notYet')}
      </p>
      {counted.length > 0 ? (
        <ul className="tags">
          {counted.map(([what, count]) => (
            <li key={what}>
              {countName(what)} {format.number(count)}
            </li>
          ))}
        </ul>
      ) : null}
      {lastRun?.problem === undefined ? null : <p className="tl-note tl-tone-bad">{lastRun.problem}</p>}
      <StepSettings title={title} step={step} changes={changes} />
      {error === undefined ? null : <Problem error={error} />}
    </section>
  )
}

/** "Every hour", and not "every 1 hour". */
function everyText(period: string): string {
  return period.replace(/^1\s/, '')
}
