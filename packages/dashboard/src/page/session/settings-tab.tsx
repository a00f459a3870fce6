import { type FormEvent, useState } from 'react'
import { useTrunkline } from '../../react/provider.js'
import type { Session } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { SelectField, Switch, TextField } from '../../react/ui/field.js'
import { Problem } from '../../react/ui/problem.js'
import { useCall } from '../../react/use-call.js'
import { useMe } from '../me.js'
import { useToasts } from '../shell/toasts.js'
import { useSessionTexts } from '../texts/use-texts.js'
import { DOWNLOADS, type Download, downloadOf, sizesOf } from './setting-choices.js'

const PRESETS = ['off', 'careful', 'warm_up'] as const
type Preset = (typeof PRESETS)[number]

const FLAGS = ['markOnline', 'readOnReceive', 'rejectCalls', 'ignoreGroups'] as const

/** Name and behaviour of a session. Only what was changed is sent. */
export function SettingsTab({ session }: { session: Session }) {
  const { client, sessions } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const { done } = useToasts()
  const [draft, setDraft] = useState(() => draftOf(session))
  const mayManage = may('sessions:manage')
  const { run, busy, error } = useCall(async () => {
    const saved = await client.sessions.update(session.id, changesOf(session, draft))
    sessions.put(saved)
    setDraft(draftOf(saved))
    done(t('do.saved'))
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run()
  }
  const text = (field: 'label' | 'deviceName' | 'proxyUrl') => ({
    value: draft[field],
    disabled: !mayManage,
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [field]: event.target.value }),
  })
  return (
    <form className="settings" onSubmit={submit}>
      <section className="card card-pad tl-stack">
        <TextField label={t('session.settings.label')} maxLength={100} {...text('label')} />
        <TextField label={t('session.settings.deviceName')} maxLength={50} {...text('deviceName')} />
      </section>
      <section className="card card-pad">
        <h2>{t('session.settings.behaviour')}</h2>
        {FLAGS.map((flag) => (
          <Switch
            key={flag}
            label={t(`session.settings.${flag}`)}
            hint={t(`session.settings.${flag}Hint`)}
            checked={draft[flag]}
            disabled={!mayManage}
            onChange={(checked) => setDraft({ ...draft, [flag]: checked })}
          />
        ))}
      </section>
      <section className="card card-pad tl-stack">
        <h2 className="flat">{t('session.settings.messages')}</h2>
        <Switch
          label={t('session.settings.queueWhenOffline')}
          hint={t('session.settings.queueWhenOfflineHint')}
          checked={draft.queueWhenOffline}
          disabled={!mayManage}
          onChange={(queueWhenOffline) => setDraft({ ...draft, queueWhenOffline })}
        />
        <SelectField
          label={t('session.settings.pacing')}
          hint={t('session.settings.pacingHint')}
          disabled={!mayManage}
          value={draft.pacing}
          onChange={(event) =>
            setDraft({ ...draft, pacing: PRESETS.find((one) => one === event.target.value) ?? 'off' })
          }
        >
          {PRESETS.map((preset) => (
            <option key={preset} value={preset}>
              {t(`session.settings.pacing.${preset}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('session.settings.download')}
          hint={t('session.settings.downloadHint')}
          disabled={!mayManage}
          value={draft.download ?? ''}
          onChange={(event) => setDraft({ ...draft, download: DOWNLOADS.find((one) => one === event.target.value) })}
        >
          {draft.download === undefined ? <option value="">{t('session.settings.download.custom')}</option> : null}
          {DOWNLOADS.map((choice) => (
            <option key={choice} value={choice}>
              {t(`session.settings.download.${choice}`)}
            </option>
          ))}
        </SelectField>
      </section>
      <section className="card card-pad tl-stack">
        <h2>{t('session.settings.network')}</h2>
        <TextField
          label={t('session.settings.proxy')}
          hint={t('session.settings.proxyHint')}
          spellCheck={false}
          autoComplete="off"
          {...text('proxyUrl')}
        />
      </section>
      {error === undefined ? null : <Problem error={error} />}
      {mayManage ? (
        <div className="settings-foot">
          <p className="soft">{t('session.settings.when')}</p>
          <Button look="primary" type="submit" busy={busy}>
            {t('do.save')}
          </Button>
        </div>
      ) : null}
    </form>
  )
}

interface Draft {
  label: string
  deviceName: string
  proxyUrl: string
  markOnline: boolean
  readOnReceive: boolean
  rejectCalls: boolean
  ignoreGroups: boolean
  queueWhenOffline: boolean
  pacing: Preset
  download: Download | undefined
}

function draftOf({ label = '', settings }: Session): Draft {
  const { deviceName = '', proxyUrl = '', markOnline = false, readOnReceive = false } = settings
  const { rejectCalls = false, ignoreGroups = false, queueWhenOffline = false } = settings
  const pacing = settings.pacing?.preset ?? 'off'
  const download = downloadOf(settings)
  const flags = { markOnline, readOnReceive, rejectCalls, ignoreGroups, queueWhenOffline }
  return { label, deviceName, proxyUrl, ...flags, pacing, download }
}

/** A password in the address of the proxy is shown as stars: what was not touched is not sent back. */
function changesOf(session: Session, { label, pacing, download, ...settings }: Draft) {
  const before = draftOf(session)
  const changed = Object.entries(settings).filter(([name, value]) => value !== before[name as keyof Draft])
  return {
    ...(label === before.label ? {} : { label: label.trim() === '' ? null : label.trim() }),
    settings: {
      ...Object.fromEntries(
        changed.map(([name, value]) => [name, typeof value === 'string' && value.trim() === '' ? null : value]),
      ),
      // Limits of its own that somebody has set stay with another preset.
      ...(pacing === before.pacing ? {} : { pacing: { ...session.settings.pacing, preset: pacing } }),
      ...(download === before.download || download === undefined ? {} : { autoDownload: sizesOf(download) }),
    },
  }
}
