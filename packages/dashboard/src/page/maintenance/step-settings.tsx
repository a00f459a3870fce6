import { useTrunkline } from '../../react/provider.js'
import type { MaintenanceStep } from '../../react/types.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { SETTINGS_OF, type Setting } from './settings-of.js'

/** What a step is done by, and which variable of the server says so. */
export function StepSettings({ step }: { step: MaintenanceStep }) {
  const t = useAdminTexts()
  return (
    <details className="step-settings">
      <summary>{t('maintenance.settings')}</summary>
      <dl>
        {SETTINGS_OF[step.name].map((setting) => (
          <div key={setting.name}>
            <dt>
              {t(`maintenance.setting.${setting.name}`)}
              {setting.variable === undefined ? null : <code>{setting.variable}</code>}
            </dt>
            <dd>
              <Value setting={setting} value={step.settings[setting.name]} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Value({ setting, value }: { setting: Setting; value: number | undefined }): string {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  if (value === undefined) return t(setting.unlessGiven)
  switch (setting.unit) {
    case 'time':
      return format.period(value / 1_000)
    case 'bytes':
      return format.bytes(value)
    case 'count':
      return format.number(value)
  }
}
