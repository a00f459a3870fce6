import { type FormEvent, useId, useState } from 'react'
import { useTrunkline } from '../../../react/provider.js'
import type { Group } from '../../../react/types.js'
import { Button } from '../../../react/ui/button.js'
import { Dialog } from '../../../react/ui/dialog.js'
import { TextAreaField, TextField } from '../../../react/ui/field.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useSessionTexts } from '../../texts/use-texts.js'

/** Subject and description. Only what was changed is sent. */
export function EditGroupDialog({
  sessionId,
  group,
  onSaved,
  onClose,
}: {
  sessionId: string
  group: Group
  onSaved(group: Group): void
  onClose(): void
}) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const form = useId()
  const before = group.description ?? ''
  const [subject, setSubject] = useState(group.subject)
  const [description, setDescription] = useState(before)
  const { run, busy, error } = useCall(async () => {
    onSaved(
      await client.groups.update(sessionId, group.id, {
        ...(subject.trim() === group.subject ? {} : { subject }),
        ...(description === before ? {} : { description: description.trim() || null }),
      }),
    )
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run()
  }
  return (
    <Dialog
      title={t('groups.edit')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {t('do.save')}
          </Button>
        </>
      }
    >
      <form id={form} className="tl-stack" onSubmit={submit}>
        {error === undefined ? null : <Problem error={error} />}
        <TextField
          label={t('groups.subject')}
          required
          maxLength={100}
          value={subject}
          onChange={(event) => setSubject(event.target.value)}
        />
        <TextAreaField
          label={t('groups.description')}
          maxLength={2_048}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </form>
    </Dialog>
  )
}
