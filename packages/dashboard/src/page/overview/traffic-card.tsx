import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { useTrunkline } from '../../react/provider.js'
import type { SessionStats } from '../../react/types.js'
import { Problem } from '../../react/ui/problem.js'
import { Spinner } from '../../react/ui/spinner.js'
import { BigNumber } from '../shell/facts.js'
import { type Bucket, bucketsOf, HOURS_OF, RANGES, type Range, totalsOf } from './buckets.js'

const TrafficChart = lazy(async () => ({ default: (await import('./traffic-chart.js')).TrafficChart }))

const REFRESH_MS = 60_000
/** Below which of the bars something is written. */
const LABELLED = {
  day: ({ at }: Bucket) => new Date(at).getHours() % 4 === 0,
  week: ({ at }: Bucket) => new Date(at).getHours() === 0,
  month: (_: Bucket, index: number) => index % 5 === 4,
} as const satisfies Record<Range, (bucket: Bucket, index: number) => boolean>

export interface TrafficCardProps {
  /** Of this session only. */
  sessionId?: string
  stats?: SessionStats | undefined
}

/** Messages over time: a chart to look at, and a table that screen readers tell. */
export function TrafficCard({ sessionId, stats }: TrafficCardProps) {
  const { t, client, format } = useTrunkline()
  const [range, setRange] = useState<Range>('day')
  const [pointed, setPointed] = useState<number>()
  const traffic = useQuery({
    queryKey: ['traffic', range, sessionId],
    queryFn: ({ signal }) =>
      client.sessions.traffic(
        { hours: HOURS_OF[range], ...(sessionId === undefined ? {} : { sessionId }) },
        { signal },
      ),
    refetchInterval: REFRESH_MS,
    placeholderData: (known) => known,
  })
  const buckets = useMemo(() => traffic.data && bucketsOf(traffic.data.items, range, Date.now()), [traffic.data, range])
  const timeOf = useCallback(
    ({ at }: Bucket) => (range === 'day' ? format.clock(at) : format.date(new Date(at).toISOString())),
    [range, format],
  )
  const labelOf = useCallback(
    (index: number) => {
      const bucket = buckets?.[index]
      return bucket && LABELLED[range](bucket, index) ? timeOf(bucket) : undefined
    },
    [buckets, range, timeOf],
  )
  const bar = pointed === undefined ? undefined : buckets?.[pointed]
  const shown = bar ?? (buckets && totalsOf(buckets))
  return (
    <section className="card card-pad" aria-labelledby="traffic">
      <div className="card-head">
        <h2 id="traffic">{t('overview.messages')}</h2>
        <fieldset className="tl-segments" aria-label={t('overview.range')}>
          {RANGES.map((one) => (
            <button
              key={one}
              type="button"
              className="tl-segment"
              aria-pressed={range === one}
              onClick={() => setRange(one)}
            >
              {t(`overview.range.${one}`)}
            </button>
          ))}
        </fieldset>
      </div>
      {traffic.error ? <Problem error={traffic.error} onRetry={() => void traffic.refetch()} /> : null}
      {shown ? (
        <div className="chart-numbers">
          <BigNumber name={t('overview.received')} value={shown.received} swatch="received" />
          <BigNumber name={t('overview.sent')} value={shown.sent} swatch="sent" />
          <BigNumber name={t('overview.failed')} value={shown.failed} swatch="failed" />
          <p className="chart-when">{bar ? spanText(bar) : t(`overview.within.${range}`)}</p>
        </div>
      ) : null}
      <div className="chart-place">
        <Suspense fallback={<Spinner />}>
          {buckets ? (
            <TrafficChart buckets={buckets} labelOf={labelOf} numberOf={format.short} onPoint={setPointed} />
          ) : null}
        </Suspense>
      </div>
      {buckets ? <TrafficTable buckets={buckets} caption={t(`overview.within.${range}`)} nameOf={spanText} /> : null}
      {stats ? (
        <p className="tl-hint">
          {t('overview.messagesLead', {
            sent: format.number(stats.messages.sent),
            received: format.number(stats.messages.received),
            chats: format.number(stats.chats),
          })}
        </p>
      ) : null}
    </section>
  )

  function spanText({ at }: Bucket): string {
    if (range === 'month') return format.date(new Date(at).toISOString())
    const until = at + (range === 'day' ? 1 : 6) * 3_600_000
    const day = range === 'day' ? '' : `${format.date(new Date(at).toISOString())}, `
    return `${day}${format.clock(at)} – ${format.clock(until)}`
  }
}

interface TrafficTableProps {
  buckets: readonly Bucket[]
  caption: string
  nameOf(bucket: Bucket): string
}

/** Without the bars that are empty: they would be read out one by one. */
function TrafficTable({ buckets, caption, nameOf }: TrafficTableProps) {
  const { t, format } = useTrunkline()
  return (
    <table className="tl-hidden">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t('overview.when')}</th>
          <th scope="col">{t('overview.received')}</th>
          <th scope="col">{t('overview.sent')}</th>
          <th scope="col">{t('overview.failed')}</th>
        </tr>
      </thead>
      <tbody>
        {buckets
          .filter(({ sent, received, failed }) => sent + received + failed > 0)
          .map((bucket) => (
            <tr key={bucket.at}>
              <th scope="row">{nameOf(bucket)}</th>
              <td>{format.number(bucket.received)}</td>
              <td>{format.number(bucket.sent)}</td>
              <td>{format.number(bucket.failed)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
