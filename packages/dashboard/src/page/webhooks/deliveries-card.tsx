import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { problemText, useNow, useTrunkline } from '../../react/provider.js'
import type { Delivery } from '../../react/types.js'
import { Button, IconButton } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { Problem } from '../../react/ui/problem.js'
import { Loading } from '../shell/loading.js'
import { useToasts } from '../shell/toasts.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { RangeDialog } from './range-dialog.js'

const STATES = ['retrying', 'dead', 'delivered', 'canceled'] as const
const TONES = { retrying: 'work', delivered: 'good', dead: 'bad', canceled: 'idle' } as const
const FRESH_MS = 10_000

/** What was not taken at once, with every try, and the way to send it once more. */
export function DeliveriesCard({ webhookId }: { webhookId: string }) {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const queries = useQueryClient()
  const { done, failed } = useToasts()
  const [state, setState] = useState<Delivery['state']>()
  const [open, setOpen] = useState<Delivery>()
  const [ranging, setRanging] = useState(false)
  const queryKey = ['webhooks', webhookId, 'deliveries']
  const deliveries = useInfiniteQuery({
    queryKey: [...queryKey, state],
    queryFn: ({ pageParam, signal }) =>
      client.webhooks.listDeliveries(
        webhookId,
        { limit: 50, ...(state ? { state } : {}), ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: FRESH_MS,
  })
  const again = () => void queries.invalidateQueries({ queryKey: ['webhooks', webhookId] })
  const redeliver = async ({ id }: Delivery) => {
    try {
      await client.webhooks.redeliver(webhookId, id)
      done(t('webhooks.log.sent'))
    } catch (error) {
      failed(problemText(error, t))
    }
    again()
  }
  const items = deliveries.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section className="card table-card" aria-label={t('webhooks.log')}>
      <div className="card-head card-head-pad">
        <div>
          <h2>{t('webhooks.log')}</h2>
          <p className="soft">{t('webhooks.log.lead')}</p>
        </div>
        <div className="tl-row">
          <select
            className="tl-input tl-select narrow"
            aria-label={t('webhooks.log.state')}
            value={state ?? ''}
            onChange={(event) => setState(STATES.find((each) => each === event.target.value))}
          >
            <option value="">{t('webhooks.log.all')}</option>
            {STATES.map((each) => (
              <option key={each} value={each}>
                {t(`webhooks.log.${each}`)}
              </option>
            ))}
          </select>
          <Button icon={RotateCcw} onClick={() => setRanging(true)}>
            {t('webhooks.range')}
          </Button>
        </div>
      </div>
      {deliveries.error ? <Problem error={deliveries.error} onRetry={again} /> : null}
      {deliveries.isPending ? <Loading /> : null}
      {items.length > 0 ? (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('audit.when')}</th>
              <th scope="col">{t('webhooks.events')}</th>
              <th scope="col">{t('webhooks.state')}</th>
              <th scope="col">
                <span className="tl-hidden">{t('do.more')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((delivery) => (
              <Row
                key={delivery.id}
                delivery={delivery}
                onOpen={() => setOpen(delivery)}
                onAgain={() => void redeliver(delivery)}
              />
            ))}
          </tbody>
        </table>
      ) : null}
      {deliveries.data && items.length === 0 ? <p className="soft table-empty">{t('webhooks.log.empty')}</p> : null}
      {deliveries.hasNextPage ? (
        <div className="table-more">
          <Button busy={deliveries.isFetchingNextPage} onClick={() => void deliveries.fetchNextPage()}>
            {t('do.loadMore')}
          </Button>
        </div>
      ) : null}
      {open ? <AttemptsDialog delivery={open} onClose={() => setOpen(undefined)} /> : null}
      {ranging ? (
        <RangeDialog
          webhookId={webhookId}
          onClose={() => setRanging(false)}
          onDone={(count) => {
            setRanging(false)
            done(t('webhooks.range.done', { count }))
            again()
          }}
        />
      ) : null}
    </section>
  )
}

function Row({ delivery, onOpen, onAgain }: { delivery: Delivery; onOpen(): void; onAgain(): void }) {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  const now = useNow(5_000)
  const { createdAt, event, sessionId, seq, state, attempts, nextAt } = delivery
  const last = attempts.at(-1)
  return (
    <tr>
      <td className="nowrap">
        <time dateTime={createdAt} title={createdAt}>
          {format.moment(createdAt)}
        </time>
      </td>
      <td>
        <code>{event}</code>
        <span className="soft block">
          {sessionId} · {seq}
        </span>
      </td>
      <td>
        <span className={`tl-pill tl-tone-${TONES[state]}`}>{t(`webhooks.log.${state}`)}</span>
        <span className="soft block">
          {attempts.length > 0 ? (
            <button type="button" className="text-button" onClick={onOpen}>
              {t('webhooks.log.tries', { count: attempts.length })}
            </button>
          ) : null}
          {last?.error === undefined ? null : ` · ${last.error}`}
          {nextAt === undefined ? null : ` · ${t('webhooks.log.next', { when: format.relative(nextAt, now) })}`}
        </span>
      </td>
      <td>
        <div className="row-actions">
          <IconButton icon={RotateCcw} label={`${t('webhooks.log.again')}: ${event} ${seq}`} onClick={onAgain} />
        </div>
      </td>
    </tr>
  )
}

function AttemptsDialog({
  delivery: { event, attempts, messageId },
  onClose,
}: {
  delivery: Delivery
  onClose(): void
}) {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  return (
    <Dialog wide title={t('webhooks.log.attempts', { event })} onClose={onClose}>
      <p className="flat soft">
        webhook-id: <code>{messageId}</code>
      </p>
      <ol className="log">
        {attempts.map(({ at, status, durationMs, error, answer }) => (
          <li key={at} className={error === undefined ? 'tl-tone-good' : 'tl-tone-bad'}>
            <span className="tl-dot" aria-hidden />
            <div>
              <strong>
                {status === undefined ? t('webhooks.log.noAnswer') : `HTTP ${status}`} · {format.number(durationMs)} ms
              </strong>
              {error === undefined || status !== undefined ? null : <span>{error}</span>}
              {answer === undefined ? null : <pre className="json answer">{answer}</pre>}
            </div>
            <time dateTime={at} title={at}>
              {format.moment(at)}
            </time>
          </li>
        ))}
      </ol>
    </Dialog>
  )
}
