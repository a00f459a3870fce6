import { useQuery, useQueryClient } from '@tanstack/react-query'
import { MoreHorizontal, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useNow, useTrunkline } from '../../react/provider.js'
import type { Webhook } from '../../react/types.js'
import { Button, IconButton } from '../../react/ui/button.js'
import { Menu } from '../../react/ui/menu.js'
import { Problem } from '../../react/ui/problem.js'
import { AskDialog } from '../shell/ask-dialog.js'
import { Fact, Facts } from '../shell/facts.js'
import { Loading } from '../shell/loading.js'
import { PageHead } from '../shell/page-head.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { DeliveriesCard } from './deliveries-card.js'
import { useWebhookActions } from './webhook-actions.js'
import { WebhookState } from './webhook-state.js'

const MOST_SECRETS = 2

/** One webhook: what it sends, its secrets, and what was not taken. */
export function WebhookPage({ webhookId }: { webhookId: string }) {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const [, navigate] = useLocation()
  const actions = useWebhookActions({ onDeleted: () => navigate('/webhooks') })
  const {
    data: webhook,
    error,
    refetch,
  } = useQuery({
    queryKey: ['webhooks', webhookId],
    queryFn: ({ signal }) => client.webhooks.get(webhookId, { signal }),
    refetchInterval: 15_000,
  })
  return (
    <div className="page">
      <nav className="crumbs" aria-label={t('webhooks.title')}>
        <Link href="/webhooks">{t('webhooks.title')}</Link>
        <span aria-hidden>/</span>
        <span>{webhook?.description ?? webhook?.url ?? webhookId}</span>
      </nav>
      {error ? <Problem error={error} onRetry={() => void refetch()} /> : null}
      {webhook === undefined && !error ? <Loading /> : null}
      {webhook ? (
        <>
          <PageHead
            title={webhook.description ?? webhook.url}
            {...(webhook.description === undefined ? {} : { lead: webhook.url })}
          >
            <Menu
              label={t('do.more')}
              look="tl-button"
              trigger={
                <>
                  <MoreHorizontal size={16} aria-hidden />
                  {t('do.more')}
                </>
              }
              items={actions.itemsOf(webhook)}
            />
          </PageHead>
          <div className="details">
            <DetailsCard webhook={webhook} />
            <SecretsCard webhook={webhook} onAdd={() => actions.addSecret(webhook)} />
          </div>
          <DeliveriesCard webhookId={webhookId} />
        </>
      ) : null}
      {actions.dialogs}
    </div>
  )
}

function DetailsCard({ webhook }: { webhook: Webhook }) {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  const { events, sessionIds, metadata, headerNames, ordered, createdAt } = webhook
  return (
    <section className="card card-pad">
      <h2>{t('webhooks.details')}</h2>
      <Facts>
        <Fact name={t('webhooks.state')}>
          <WebhookState webhook={webhook} />
        </Fact>
        <Fact name={t('webhooks.events')}>{events === '*' ? t('webhooks.events.all') : events.join(', ')}</Fact>
        <Fact name={t('users.access')}>{sessionIds === '*' ? t('users.access.all') : sessionIds.join(', ')}</Fact>
        <Fact name={t('webhooks.metadata')}>
          {metadata &&
            Object.entries(metadata)
              .map(([name, value]) => `${name}: ${value}`)
              .join(', ')}
        </Fact>
        <Fact name={t('webhooks.ordered')}>{t(ordered ? 'say.yes' : 'say.no')}</Fact>
        <Fact name={t('webhooks.headers')}>{headerNames.length === 0 ? t('say.none') : headerNames.join(', ')}</Fact>
        <Fact name={t('webhooks.created')}>{format.moment(createdAt)}</Fact>
      </Facts>
    </section>
  )
}

function SecretsCard({ webhook: { id, secrets }, onAdd }: { webhook: Webhook; onAdd(): void }) {
  const { client, format } = useTrunkline()
  const t = useAdminTexts()
  const queries = useQueryClient()
  const now = useNow(30_000)
  const [ending, setEnding] = useState<string>()
  return (
    <section className="card card-pad">
      <div className="card-head">
        <h2>{t('webhooks.secrets')}</h2>
        {secrets.length < MOST_SECRETS ? (
          <Button small icon={Plus} onClick={onAdd}>
            {t('webhooks.secrets.new')}
          </Button>
        ) : null}
      </div>
      <p className="soft">{t('webhooks.secrets.lead')}</p>
      <ul className="plain-list">
        {secrets.map((secret) => (
          <li key={secret.id}>
            <code>whsec_…{secret.id.slice(-6)}</code>
            <span className="soft">{t('webhooks.secrets.made', { when: format.relative(secret.createdAt, now) })}</span>
            {secrets.length > 1 ? (
              <IconButton
                icon={Trash2}
                label={`${t('webhooks.secrets.end')} …${secret.id.slice(-6)}`}
                onClick={() => setEnding(secret.id)}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {ending === undefined ? null : (
        <AskDialog
          title={t('webhooks.secrets.end.title')}
          lead={t('webhooks.secrets.end.lead')}
          action={t('webhooks.secrets.end')}
          call={() => client.webhooks.deleteSecret(id, ending)}
          onClose={() => setEnding(undefined)}
          onDone={() => {
            setEnding(undefined)
            void queries.invalidateQueries({ queryKey: ['webhooks'] })
          }}
        />
      )}
    </section>
  )
}
