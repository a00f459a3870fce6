import { type FormEvent, useId, useState } from 'react'
import { useTrunkline } from '../../react/provider.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { TextField } from '../../react/ui/field.js'
import { Problem } from '../../react/ui/problem.js'
import { useCall } from '../../react/use-call.js'
import { useAdminTexts } from '../texts/use-texts.js'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Which time of dead events is delivered again: the last day unless somebody says otherwise. */
export function RangeDialog({
  webhookId,
  onDone,
  onClose,
}: {
  webhookId: string
  onDone(count: number): void
  onClose(): void
}) {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const form = useId()
  const [from, setFrom] = useState(() => localText(Date.now() - DAY_MS))
  const [to, setTo] = useState(() => localText(Date.now() + HOUR_MS))
  const isWrong = !(Date.parse(from) < Date.parse(to))
  const { run, busy, error } = useCall(async () => {
    const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
    onDone((await client.webhooks.redeliverMany(webhookId, range)).count)
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isWrong) run()
  }
  return (
    <Dialog
      title={t('webhooks.range')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy} disabled={isWrong}>
            {t('webhooks.range.do')}
          </Button>
        </>
      }
    >
      <form id={form} className="tl-stack" onSubmit={submit}>
        <p className="flat soft">{t('webhooks.range.lead')}</p>
        {error === undefined ? null : <Problem error={error} />}
        <TextField
          label={t('webhooks.range.from')}
          type="datetime-local"
          required
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label={t('webhooks.range.to')}
          type="datetime-local"
          required
          problem={isWrong ? t('webhooks.range.wrong') : undefined}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </form>
    </Dialog>
  )
}

/** A time as fields for the time of a place take it. */
function localText(time: number): string {
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
