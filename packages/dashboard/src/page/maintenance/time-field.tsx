import { useId } from 'react'
import type { MaintenanceSettingName } from '../../react/types.js'
import { Switch } from '../../react/ui/field.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { mayBeOff, type Time, type TimeDraft, timeOf, type UNITS } from './time-draft.js'
import { useTimeText } from './use-time-text.js'

const UNIT_NAMES = ['second', 'minute', 'hour', 'day'] as const satisfies readonly (keyof typeof UNITS)[]

export interface TimeFieldProps {
  name: MaintenanceSettingName
  draft: TimeDraft
  /** What it is at the moment. */
  now: Time
  atStart: Time
  /** Whether somebody tried to save: what is wrong is told from then on. */
  tried: boolean
  onChange(draft: TimeDraft): void
}

/** A time that somebody sets: how much of which unit, never, or what the server was started with. */
export function TimeField({ name, draft, now, atStart, tried, onChange }: TimeFieldProps) {
  const t = useAdminTexts()
  const text = useTimeText()
  const id = useId()
  const isWrong = tried && !draft.asAtStart && timeOf(draft) === undefined
  return (
    <fieldset className="time-field">
      <legend>{t(`maintenance.setting.${name}`)}</legend>
      <Switch
        label={t('maintenance.asAtStart')}
        hint={text(atStart)}
        checked={draft.asAtStart}
        onChange={(asAtStart) => onChange({ ...draft, asAtStart })}
      />
      <div className="tl-input-row">
        <input
          className="tl-input"
          inputMode="numeric"
          autoComplete="off"
          aria-label={t('maintenance.amount', { name: t(`maintenance.setting.${name}`) })}
          aria-invalid={isWrong || undefined}
          aria-describedby={id}
          disabled={draft.asAtStart || draft.unit === 'off'}
          value={draft.amount}
          onChange={(event) => onChange({ ...draft, amount: event.target.value })}
        />
        <select
          className="tl-input tl-select"
          aria-label={t('maintenance.unit', { name: t(`maintenance.setting.${name}`) })}
          disabled={draft.asAtStart}
          value={draft.unit}
          onChange={(event) => {
            const unit = UNIT_NAMES.find((one) => one === event.target.value) ?? 'off'
            onChange({ ...draft, unit })
          }}
        >
          {UNIT_NAMES.map((unit) => (
            <option key={unit} value={unit}>
              {t(`maintenance.unit.${unit}`)}
            </option>
          ))}
          {mayBeOff(name) || draft.unit === 'off' ? <option value="off">{t('maintenance.never')}</option> : null}
        </select>
      </div>
      <p id={id} className={isWrong ? 'tl-hint tl-bad-text' : 'tl-hint'} role={isWrong ? 'alert' : undefined}>
        {isWrong ? t('maintenance.wrongTime') : t('maintenance.now', { value: text(now) })}
      </p>
    </fieldset>
  )
}
