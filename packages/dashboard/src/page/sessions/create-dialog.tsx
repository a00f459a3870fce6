import { ClientError } from '@trunkline/client'
import { type FormEvent, useId, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import type { Session } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { TextField } from '../../react/ui/field.js'

export interface CreateDialogProps {
  onCreated(session: Session): void
  onClose(): void
}

/** A name for people, an id for programs; the account is linked in the next dialog. */
export function CreateDialog({ onCreated, onClose }: CreateDialogProps) {
  const { client, t } = useTrunkline()
  const form = useId()
  const [label, setLabel] = useState('')
  const [id, setId] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<{ field: 'id' | 'all'; text: string }>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    try {
      const session = await client.sessions.create({
        ...(id.trim() === '' ? {} : { id: id.trim() }),
        ...(label.trim() === '' ? {} : { label: label.trim() }),
      })
      onCreated(session)
    } catch (error) {
      setBusy(false)
      if (ClientError.is(error, 'SESSION_ID_IN_USE')) setProblem({ field: 'id', text: t('create.idInUse') })
      else if (ClientError.is(error, 'SESSION_LIMIT_REACHED')) setProblem({ field: 'all', text: t('create.limit') })
      else if (ClientError.is(error) && error.errors?.some(({ field }) => field === 'id'))
        setProblem({ field: 'id', text: error.errors.map(({ message }) => message).join(', ') })
      else setProblem({ field: 'all', text: problemText(error, t) })
    }
  }

  return (
    <Dialog
      title={t('create.title')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {t('create.submit')}
          </Button>
        </>
      }
    >
      <form id={form} className="tl-stack" onSubmit={(event) => void submit(event)}>
        <p className="flat soft">{t('create.lead')}</p>
        {problem?.field === 'all' ? (
          <p className="tl-note tl-tone-bad" role="alert">
            {problem.text}
          </p>
        ) : null}
        <TextField
          label={t('create.label')}
          hint={t('create.labelHint')}
          maxLength={100}
          autoFocus
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <TextField
          label={`${t('create.id')} (${t('say.optional')})`}
          hint={t('create.idHint')}
          problem={problem?.field === 'id' ? problem.text : undefined}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
      </form>
    </Dialog>
  )
}
