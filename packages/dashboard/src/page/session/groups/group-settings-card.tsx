import { problemText, useTrunkline } from '../../../react/provider.js'
import type { Group } from '../../../react/types.js'
import { SelectField, Switch } from '../../../react/ui/field.js'
import { useToasts } from '../../shell/toasts.js'
import { useSessionTexts } from '../../texts/use-texts.js'

const FLAGS = ['announce', 'locked', 'joinApproval', 'memberAdd'] as const
const TIMES = [0, 86_400, 604_800, 7_776_000] as const

/** What holds in a group. Admins change it, and it holds at once. */
export function GroupSettingsCard({
  sessionId,
  group,
  isAdmin,
  onChanged,
}: {
  sessionId: string
  group: Group
  isAdmin: boolean
  onChanged(group: Group): void
}) {
  const { client, format } = useTrunkline()
  const t = useSessionTexts()
  const { failed } = useToasts()
  const { settings } = group
  // Shown as it will be, and as it was again when it is refused.
  const change = (changes: Partial<Group['settings']>) => {
    onChanged({ ...group, settings: { ...settings, ...changes } })
    client.groups.update(sessionId, group.id, { settings: changes }).then(onChanged, (error) => {
      onChanged(group)
      failed(problemText(error, t))
    })
  }
  return (
    <section className="card card-pad">
      <h2>{t('groups.settings')}</h2>
      {FLAGS.map((flag) => (
        <Switch
          key={flag}
          label={t(`groups.settings.${flag}`)}
          checked={settings[flag]}
          disabled={!isAdmin}
          onChange={(checked) => change({ [flag]: checked })}
        />
      ))}
      <SelectField
        label={t('groups.settings.disappear')}
        disabled={!isAdmin}
        value={settings.ephemeralSeconds ?? 0}
        onChange={(event) => change({ ephemeralSeconds: Number(event.target.value) })}
      >
        {TIMES.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? t('groups.settings.stay') : format.period(seconds)}
          </option>
        ))}
      </SelectField>
    </section>
  )
}
