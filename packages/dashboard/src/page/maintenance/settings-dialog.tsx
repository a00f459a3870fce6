import { useQueryClient } from '@tanstack/react-query'
import { ClientError } from '@trunkline/client'
import { type FormEvent, useId, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import type { Maintenance, MaintenanceChanges, MaintenanceSettingName } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { useToasts } from '../shell/toasts.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { draftOf, type Time, type TimeDraft, timeOf } from './time-draft.js'
import { TimeField } from './time-field.js'

export interface SettingsDialogProps {
  /** Of the step. */
  title: string
  names: readonly MaintenanceSettingName[]
  changes: MaintenanceChanges
  onClose(): void
}

type Drafts = Partial<Record<MaintenanceSettingName, TimeDraft>>

/** Sets what a step is done by, for all nodes, or puts it back to what the server was started with. */
export function SettingsDialog({ title, names, changes, onClose }: SettingsDialogProps) {
  const { client, t: common } = useTrunkline()
  const t = useAdminTexts()
  const form = useId()
  const queries = useQueryClient()
  const { done } = useToasts()
  // Of what is seen when it opens: what others change meanwhile must not be overwritten unseen.
  const [revision, setRevision] = useState(changes.revision)
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(names, changes))
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    const settings = settingsOf(drafts)
    if (!settings) return
    setBusy(true)
    setProblem(undefined)
    try {
      const saved = await client.sessions.updateMaintenance({ revision, settings })
      queries.setQueryData<Maintenance>(['maintenance'], saved)
      done(common('do.saved'))
      onClose()
    } catch (error) {
      setBusy(false)
      if (!ClientError.is(error, 'SETTINGS_CHANGED_MEANWHILE')) return setProblem(problemText(error, common))
      setProblem(t('maintenance.changedMeanwhile'))
      // Where it cannot be read either, the next try is told the same.
      const now = await client.sessions.listMaintenance().catch(() => undefined)
      if (!now) return
      queries.setQueryData<Maintenance>(['maintenance'], now)
      setRevision(now.changes?.revision ?? revision)
    }
  }

  return (
    <Dialog
      title={t('maintenance.changeOf', { name: title })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{common('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {common('do.save')}
          </Button>
        </>
      }
    >
      <form id={form} className="tl-stack" noValidate onSubmit={(event) => void submit(event)}>
        {problem === undefined ? null : (
          <p className="tl-note tl-tone-bad" role="alert">
            {problem}
          </p>
        )}
        {names.map((name) => {
          const draft = drafts[name]
          return draft === undefined ? null : (
            <TimeField
              key={name}
              name={name}
              draft={draft}
              now={changes.settings[name] ?? changes.atStart[name]}
              atStart={changes.atStart[name]}
              tried={tried}
              onChange={(changed) => setDrafts({ ...drafts, [name]: changed })}
            />
          )
        })}
        <p className="soft flat">{t('maintenance.forAll')}</p>
      </form>
    </Dialog>
  )
}

function draftsOf(names: readonly MaintenanceSettingName[], { settings, atStart }: MaintenanceChanges): Drafts {
  return Object.fromEntries(
    names.map((name) => [name, draftOf(settings[name] ?? atStart[name], settings[name] === undefined)]),
  )
}

/** `undefined` when one of them is no time. */
function settingsOf(drafts: Drafts): Record<string, Time | null> | undefined {
  const settings: Record<string, Time | null> = {}
  for (const [name, draft] of Object.entries(drafts)) {
    const time = draft.asAtStart ? null : timeOf(draft)
    if (time === undefined) return undefined
    settings[name] = time
  }
  return settings
}
