import { type FormEvent, useId, useState } from 'react'
import { useTrunkline } from '../../../react/provider.js'
import { Button } from '../../../react/ui/button.js'
import { Dialog } from '../../../react/ui/dialog.js'
import { TextAreaField, TextField } from '../../../react/ui/field.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { numbersOf } from './numbers-of.js'
import { type Outcome, Outcomes } from './outcomes.js'

/** Makes a group, and says who was not let in. */
export function NewGroupDialog({
  sessionId,
  onMade,
  onClose,
}: {
  sessionId: string
  onMade(groupId: string): void
  onClose(): void
}) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const form = useId()
  const [subject, setSubject] = useState('')
  const [people, setPeople] = useState('')
  const [made, setMade] = useState<{ groupId: string; outcomes: readonly Outcome[] }>()
  const { run, busy, error } = useCall(async () => {
    const { group, outcomes } = await client.groups.create(sessionId, { subject, participants: numbersOf(people) })
    if (outcomes.every(({ ok }) => ok)) onMade(group.id)
    else setMade({ groupId: group.id, outcomes })
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run()
  }
  if (made) {
    return (
      <Dialog
        title={t('groups.made')}
        onClose={() => onMade(made.groupId)}
        actions={
          <Button look="primary" onClick={() => onMade(made.groupId)}>
            {t('groups.toGroup')}
          </Button>
        }
      >
        <Outcomes sessionId={sessionId} outcomes={made.outcomes} />
      </Dialog>
    )
  }
  return (
    <Dialog
      title={t('groups.new')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {t('groups.create')}
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
          autoFocus
          autoComplete="off"
          value={subject}
          onChange={(event) => setSubject(event.target.value)}
        />
        <TextAreaField
          label={t('groups.numbers')}
          hint={t('groups.numbersHint')}
          value={people}
          onChange={(event) => setPeople(event.target.value)}
        />
      </form>
    </Dialog>
  )
}
