import { type FormEvent, useId, useState } from 'react'
import { useTrunkline } from '../../../react/provider.js'
import { Button } from '../../../react/ui/button.js'
import { Dialog } from '../../../react/ui/dialog.js'
import { TextAreaField } from '../../../react/ui/field.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { numbersOf } from './numbers-of.js'
import { type Outcome, Outcomes } from './outcomes.js'

/** Adds people to a group, and says what became of each who was not let in. */
export function AddPeopleDialog({
  sessionId,
  groupId,
  onAdded,
  onClose,
}: {
  sessionId: string
  groupId: string
  onAdded(): void
  onClose(): void
}) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const form = useId()
  const [people, setPeople] = useState('')
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>()
  const numbers = numbersOf(people)
  const { run, busy, error } = useCall(async () => {
    const answer = await client.groups.addParticipants(sessionId, groupId, { participants: numbers })
    onAdded()
    if (answer.outcomes.every(({ ok }) => ok)) onClose()
    else setOutcomes(answer.outcomes)
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run()
  }
  return (
    <Dialog
      title={t('groups.add')}
      onClose={onClose}
      actions={
        outcomes ? (
          <Button look="primary" onClick={onClose}>
            {t('do.close')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('do.cancel')}</Button>
            <Button look="primary" type="submit" form={form} busy={busy} disabled={numbers.length === 0}>
              {t('groups.add.do')}
            </Button>
          </>
        )
      }
    >
      {outcomes ? (
        <Outcomes sessionId={sessionId} outcomes={outcomes} />
      ) : (
        <form id={form} className="tl-stack" onSubmit={submit}>
          {error === undefined ? null : <Problem error={error} />}
          <TextAreaField
            label={t('groups.numbers')}
            hint={t('groups.numbersHint')}
            autoFocus
            value={people}
            onChange={(event) => setPeople(event.target.value)}
          />
        </form>
      )}
    </Dialog>
  )
}
