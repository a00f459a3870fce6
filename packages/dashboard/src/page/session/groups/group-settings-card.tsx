import { useState } from 'react'
import { problemText, useTrunkline } from '../../../react/provider.js'
import type { Group } from '../../../react/types.js'
import { SelectField, Switch } from '../../../react/ui/field.js'
import { useToasts } from '../../shell/toasts.js'
import { useSessionTexts } from '../../texts/use-texts.js'

const FLAGS = ['announce', 'locked', 'joinApproval', 'memberAdd'] as const
const TIMES = [0, 86_400, 604_800, 7_776_000] as const

type Settings = Partial<Group['settings']>

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
  // Shown as they will be until WhatsApp has answered, whatever else of the group is told meanwhile.
  const [changing, setChanging] = useState<Settings>({})
  const settings = { ...group.settings, ...changing }
  const change = async (changes: Settings) => {
    setChanging((others) => ({ ...others, ...changes }))
    try {
      onChanged(await client.groups.update(sessionId, group.id, { settings: changes }))
    } catch (error) {
      failed(problemText(error, t))
    } finally {
      setChanging((all) => without(all, changes))
    }
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
          onChange={(checked) => void change({ [flag]: checked })}
        />
      ))}
      <SelectField
        label={t('groups.settings.disappear')}
        disabled={!isAdmin}
        value={settings.ephemeralSeconds ?? 0}
        onChange={(event) => void change({ ephemeralSeconds: Number(event.target.value) })}
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

/** A setting that was changed once more since is still on its way. */
function without(all: Settings, done: Settings): Settings {
  const names = Object.keys(all) as (keyof Settings)[]
  return Object.fromEntries(names.filter((name) => all[name] !== done[name]).map((name) => [name, all[name]]))
}
