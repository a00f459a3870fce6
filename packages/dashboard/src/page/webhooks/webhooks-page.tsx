import { useInfiniteQuery } from '@tanstack/react-query'
import { MoreHorizontal, Plus, Webhook as WebhookIcon } from 'lucide-react'
import { Link } from 'wouter'
import { useTrunkline } from '../../react/provider.js'
import type { Webhook } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Empty } from '../../react/ui/empty.js'
import { Menu } from '../../react/ui/menu.js'
import { Problem } from '../../react/ui/problem.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { useWebhookActions, type WebhookActions } from './webhook-actions.js'
import { WebhookState } from './webhook-state.js'

const FRESH_MS = 15_000

/** Where events are sent to, and whether they arrive. */
export function WebhooksPage() {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const actions = useWebhookActions()
  const webhooks = useInfiniteQuery({
    queryKey: ['webhooks', 'list'],
    queryFn: ({ pageParam, signal }) =>
      client.webhooks.list({ limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: FRESH_MS,
  })
  const items = webhooks.data?.pages.flatMap((page) => page.items) ?? []
  const newButton = (
    <Button look="primary" icon={Plus} onClick={actions.create}>
      {t('webhooks.new')}
    </Button>
  )
  return (
    <div className="page">
      <PageHead title={t('webhooks.title')} lead={t('webhooks.lead')}>
        {newButton}
      </PageHead>
      {webhooks.error ? <Problem error={webhooks.error} onRetry={() => void webhooks.refetch()} /> : null}
      {webhooks.isPending ? <Loading /> : null}
      {webhooks.data && items.length === 0 ? (
        <div className="card">
          <Empty icon={WebhookIcon} title={t('webhooks.empty')} lead={t('webhooks.emptyLead')} />
        </div>
      ) : null}
      {items.length > 0 ? (
        <div className="card table-card">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('webhooks.address')}</th>
                <th scope="col">{t('webhooks.state')}</th>
                <th scope="col">{t('webhooks.events')}</th>
                <th scope="col">
                  <span className="tl-hidden">{t('do.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((webhook) => (
                <Row key={webhook.id} webhook={webhook} actions={actions} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {webhooks.hasNextPage ? (
        <Button busy={webhooks.isFetchingNextPage} onClick={() => void webhooks.fetchNextPage()}>
          {t('do.loadMore')}
        </Button>
      ) : null}
      {actions.dialogs}
    </div>
  )
}

function Row({ webhook, actions }: { webhook: Webhook; actions: WebhookActions }) {
  const t = useAdminTexts()
  const { id, url, description, events, sessionIds } = webhook
  return (
    <tr>
      <td>
        <Link className="webhook-link" href={`/webhooks/${id}`}>
          {description ?? url}
        </Link>
        {description === undefined ? null : <span className="soft block webhook-url">{url}</span>}
      </td>
      <td>
        <WebhookState webhook={webhook} />
      </td>
      <td>
        {events === '*' ? t('webhooks.events.all') : t('webhooks.events.count', { count: events.length })}
        <span className="soft block">
          {sessionIds === '*' ? t('users.access.all') : t('users.access.count', { count: sessionIds.length })}
        </span>
      </td>
      <td>
        <div className="row-actions">
          <Menu
            label={`${t('do.more')}: ${description ?? url}`}
            trigger={<MoreHorizontal size={18} aria-hidden />}
            items={actions.itemsOf(webhook)}
          />
        </div>
      </td>
    </tr>
  )
}
