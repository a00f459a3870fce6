import { useQueryClient } from '@tanstack/react-query'
import { Pencil, Power, PowerOff, Send, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import type { Webhook } from '../../react/types.js'
import type { MenuItem } from '../../react/ui/menu.js'
import { AskDialog } from '../shell/ask-dialog.js'
import { OnceDialog } from '../shell/once-dialog.js'
import { useToasts } from '../shell/toasts.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { WebhookDialog } from './webhook-dialog.js'

type Open = { kind: 'new' } | { kind: 'edit' | 'delete'; webhook: Webhook } | { kind: 'secret'; secret: string }

export interface WebhookActions {
  create(): void
  addSecret(webhook: Webhook): void
  itemsOf(webhook: Webhook): readonly (MenuItem | 'line')[]
  /** What is open now: to be shown beside everything else. */
  dialogs: ReactNode
}

/** What can be done with webhooks, from their list and from the page of one. */
export function useWebhookActions({ onDeleted }: { onDeleted?: () => void } = {}): WebhookActions {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const queries = useQueryClient()
  const { done, failed } = useToasts()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const again = () => void queries.invalidateQueries({ queryKey: ['webhooks'] })
  const attempt = (call: () => Promise<void>) => {
    call()
      .catch((error) => failed(problemText(error, t)))
      .finally(again)
  }

  const test = async ({ id }: Webhook) => {
    const { status, durationMs: ms, error } = await client.webhooks.test(id)
    if (error === undefined) done(t('webhooks.test.taken', { status: status ?? 0, ms }))
    else failed(t('webhooks.test.failed', { ms, problem: error }))
  }
  const turn = async ({ id }: Webhook, enabled: boolean) => {
    await client.webhooks.update(id, { enabled })
    done(t(enabled ? 'webhooks.enabled' : 'webhooks.disabledNow'))
  }
  const addSecret = async ({ id }: Webhook) => {
    const { secret } = await client.webhooks.createSecret(id)
    setOpen({ kind: 'secret', secret })
  }

  return {
    create: () => setOpen({ kind: 'new' }),
    addSecret: (webhook) => attempt(() => addSecret(webhook)),
    itemsOf: (webhook) => {
      const isOn = webhook.enabled && webhook.state !== 'disabled'
      return [
        { label: t('webhooks.test'), icon: Send, onSelect: () => attempt(() => test(webhook)) },
        { label: t('do.edit'), icon: Pencil, onSelect: () => setOpen({ kind: 'edit', webhook }) },
        {
          label: t(isOn ? 'webhooks.disable' : 'webhooks.enable'),
          icon: isOn ? PowerOff : Power,
          onSelect: () => attempt(() => turn(webhook, !isOn)),
        },
        'line',
        { label: t('do.delete'), icon: Trash2, danger: true, onSelect: () => setOpen({ kind: 'delete', webhook }) },
      ]
    },
    dialogs: dialogOf(),
  }

  function dialogOf(): ReactNode {
    switch (open?.kind) {
      case undefined:
        return null
      case 'new':
      case 'edit':
        return (
          <WebhookDialog
            webhook={open.kind === 'edit' ? open.webhook : undefined}
            onClose={close}
            onSaved={(secret) => {
              setOpen(secret === undefined ? undefined : { kind: 'secret', secret })
              again()
            }}
          />
        )
      case 'secret':
        return (
          <OnceDialog
            title={t('webhooks.once.title')}
            lead={t('webhooks.once.lead')}
            secret={open.secret}
            onClose={close}
          />
        )
      case 'delete':
        return (
          <AskDialog
            title={t('webhooks.delete.title')}
            lead={t('webhooks.delete.lead', { url: open.webhook.url })}
            action={t('do.delete')}
            call={() => client.webhooks.delete(open.webhook.id)}
            onClose={close}
            onDone={() => {
              close()
              onDeleted?.()
              again()
            }}
          />
        )
    }
  }
}
