import { useQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { Link } from 'wouter'
import { useTrunkline } from '../../react/provider.js'
import type { Webhook } from '../../react/types.js'
import { Problem } from '../../react/ui/problem.js'
import { webhookReason } from '../webhooks/reason-text.js'

const REFRESH_MS = 15_000

const STATES = [
  ['failing', 'bad'],
  ['ok', 'good'],
  ['disabled', 'idle'],
] as const

/** Whether events reach those who asked for them, what fails first. */
export function WebhooksCard() {
  const { t, client, format } = useTrunkline()
  const webhooks = useQuery({
    queryKey: ['webhooks', 'overview'],
    queryFn: async () => {
      const all: Webhook[] = []
      for await (const webhook of client.webhooks.list()) all.push(webhook)
      return all
    },
    refetchInterval: REFRESH_MS,
  })
  const { data } = webhooks
  return (
    <section className="card card-pad">
      <div className="card-head">
        <h2>{t('overview.webhooks')}</h2>
        <Link href="/webhooks" className="more-link">
          {t('say.all')} <ChevronRight size={15} aria-hidden />
        </Link>
      </div>
      {webhooks.error ? <Problem error={webhooks.error} onRetry={() => void webhooks.refetch()} /> : null}
      {data === undefined ? null : data.length === 0 ? (
        <p className="soft">{t('overview.webhooks.none')}</p>
      ) : (
        <>
          <ul className="legend">
            {STATES.map(([state, tone]) => {
              const count = data.filter((webhook) => stateOf(webhook) === state).length
              return count === 0 ? null : (
                <li key={state} className={`tl-tone-${tone}`}>
                  <span className="tl-dot" aria-hidden />
                  <span>{t(`overview.webhooks.${state}`)}</span>
                  <strong>{format.number(count)}</strong>
                </li>
              )
            })}
          </ul>
          {data
            .filter((webhook) => stateOf(webhook) === 'failing')
            .slice(0, 3)
            .map(({ id, url, description, stateReason }) => (
              <p key={id} className="tl-hint webhooks-failing">
                <Link href={`/webhooks/${id}`}>{description ?? url}</Link> ·{' '}
                {stateReason === undefined ? '' : webhookReason(stateReason, t)}
              </p>
            ))}
        </>
      )}
    </section>
  )
}

function stateOf({ enabled, state }: Webhook): Webhook['state'] {
  return enabled ? state : 'disabled'
}
