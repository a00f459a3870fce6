import { ClientError } from '@trunkline/client'
import { type FormEvent, useId, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import type { Webhook } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { Switch, TextAreaField, TextField } from '../../react/ui/field.js'
import { SessionChoice } from '../shell/session-choice.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { EventChoice } from './event-choice.js'
import { headersOf } from './headers-text.js'

export interface WebhookDialogProps {
  /** Left out for a new one. */
  webhook: Webhook | undefined
  /** `secret`: of a new one, to be shown once. */
  onSaved(secret?: string): void
  onClose(): void
}

/** Makes a webhook, or changes one. */
export function WebhookDialog({ webhook, onSaved, onClose }: WebhookDialogProps) {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const form = useId()
  const [url, setUrl] = useState(webhook?.url ?? '')
  const [description, setDescription] = useState(webhook?.description ?? '')
  const [events, setEvents] = useState<Webhook['events']>(webhook?.events ?? '*')
  const [sessionIds, setSessionIds] = useState<Webhook['sessionIds']>(webhook?.sessionIds ?? '*')
  const [ordered, setOrdered] = useState(webhook?.ordered ?? false)
  const [headers, setHeaders] = useState('')
  const [noHeaders, setNoHeaders] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const kept = webhook?.headerNames ?? []

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const read = headersOf(headers)
    if (typeof read.wrongLine === 'number') return setProblem(t('webhooks.headersWrong', { line: read.wrongLine }))
    if (events.length === 0) return setProblem(t('webhooks.events.none'))
    const given = read as Record<string, string>
    setBusy(true)
    setProblem(undefined)
    const common = { url: url.trim(), events, sessionIds, ordered }
    try {
      if (webhook) {
        await client.webhooks.update(webhook.id, {
          ...common,
          description: description.trim() || null,
          ...(noHeaders ? { headers: null } : headers.trim() === '' ? {} : { headers: given }),
        })
        onSaved()
      } else {
        const { secret } = await client.webhooks.create({
          ...common,
          ...(description.trim() === '' ? {} : { description: description.trim() }),
          ...(headers.trim() === '' ? {} : { headers: given }),
        })
        onSaved(secret)
      }
    } catch (error) {
      setBusy(false)
      if (ClientError.is(error, 'WEBHOOK_LIMIT_REACHED')) setProblem(t('webhooks.limit'))
      else if (ClientError.is(error, 'WEBHOOK_BUSY')) setProblem(t('webhooks.busy'))
      else setProblem(problemText(error, t))
    }
  }

  return (
    <Dialog
      title={webhook ? t('webhooks.edit') : t('webhooks.new')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {webhook ? t('do.save') : t('webhooks.submit')}
          </Button>
        </>
      }
    >
      <form id={form} className="tl-stack" onSubmit={(event) => void submit(event)}>
        {problem === undefined ? null : (
          <p className="tl-note tl-tone-bad" role="alert">
            {problem}
          </p>
        )}
        <TextField
          label={t('webhooks.address')}
          hint={t('webhooks.addressHint')}
          type="url"
          required
          autoFocus
          autoComplete="off"
          placeholder="https://example.org/hooks"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <TextField
          label={t('webhooks.description')}
          hint={t('webhooks.descriptionHint')}
          maxLength={200}
          autoComplete="off"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <EventChoice value={events} onChange={setEvents} />
        <SessionChoice value={sessionIds} onChange={setSessionIds} />
        <Switch
          label={t('webhooks.ordered')}
          hint={t('webhooks.orderedHint')}
          checked={ordered}
          onChange={setOrdered}
        />
        <TextAreaField
          label={t('webhooks.headers')}
          hint={kept.length > 0 ? t('webhooks.headersKept', { names: kept.join(', ') }) : t('webhooks.headersHint')}
          spellCheck={false}
          disabled={noHeaders}
          value={headers}
          onChange={(event) => setHeaders(event.target.value)}
        />
        {kept.length > 0 ? (
          <label className="tl-row">
            <input
              type="checkbox"
              className="tl-check"
              checked={noHeaders}
              onChange={(event) => setNoHeaders(event.target.checked)}
            />
            {t('webhooks.headersRemove')}
          </label>
        ) : null}
      </form>
    </Dialog>
  )
}
