import { Pencil } from 'lucide-react'
import { useState } from 'react'
import { useTrunkline } from '../../react/provider.js'
import type { MaintenanceChanges, MaintenanceSettingName, MaintenanceStep } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { useMe } from '../me.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { SettingsDialog } from './settings-dialog.js'
import { SETTINGS_OF, type Setting } from './settings-of.js'

export interface StepSettingsProps {
  title: string
  step: MaintenanceStep
  /** Left out where the store keeps no settings: they are shown, and cannot be changed. */
  changes: MaintenanceChanges | undefined
}

/** What a step is done by, where each value comes from, and the way to change it. */
export function StepSettings({ title, step, changes }: StepSettingsProps) {
  const t = useAdminTexts()
  const { may } = useMe()
  const [isOpen, setOpen] = useState(false)
  const changeable = changes
    ? SETTINGS_OF[step.name].flatMap(({ name }) => (isChangeable(name, changes) ? [name] : []))
    : []
  return (
    <details className="step-settings">
      <summary>{t('maintenance.settings')}</summary>
      <dl>
        {SETTINGS_OF[step.name].map((setting) => (
          <div key={setting.name}>
            <dt>
              {t(`maintenance.setting.${setting.name}`)}
              <Source setting={setting} changes={changes} />
            </dt>
            <dd>
              <Value setting={setting} value={step.settings[setting.name]} />
            </dd>
          </div>
        ))}
      </dl>
      {step.name === 'retention' ? <p className="soft flat">{t('maintenance.retentionLead')}</p> : null}
      {changes && changeable.length > 0 && may('system:manage') ? (
        <Button
          small
          icon={Pencil}
          aria-label={t('maintenance.changeOf', { name: title })}
          onClick={() => setOpen(true)}
        >
          {t('maintenance.change')}
        </Button>
      ) : null}
      {changes && isOpen ? (
        <SettingsDialog title={title} names={changeable} changes={changes} onClose={() => setOpen(false)} />
      ) : null}
    </details>
  )
}

function isChangeable(name: string, { atStart }: MaintenanceChanges): name is MaintenanceSettingName {
  return Object.hasOwn(atStart, name)
}

/** Set here, or by the variable of the server; of what cannot be changed here the variable alone. */
function Source({ setting, changes }: { setting: Setting; changes: MaintenanceChanges | undefined }) {
  const t = useAdminTexts()
  const variable = setting.variable === undefined ? null : <code>{setting.variable}</code>
  if (!changes || !isChangeable(setting.name, changes)) return <span className="step-source">{variable}</span>
  if (changes.settings[setting.name] === undefined)
    return (
      <span className="step-source">
        {t('maintenance.source.start')} {variable}
      </span>
    )
  return (
    <span className="step-source">
      <span className="step-source-here">{t('maintenance.source.here')}</span>
      {variable ? (
        <>
          , {t('maintenance.source.over')} {variable}
        </>
      ) : null}
    </span>
  )
}

function Value({ setting, value }: { setting: Setting; value: number | undefined }): string {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  if (value === undefined) return t(setting.unlessGiven)
  switch (setting.unit) {
    case 'time':
      return format.period(value / 1_000, { exact: true })
    case 'bytes':
      return format.bytes(value)
    case 'count':
      return format.number(value)
  }
}
