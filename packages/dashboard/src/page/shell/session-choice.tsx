import { useId } from 'react'
import { useSessions } from '../../react/sessions/use-sessions.js'
import { nameOf } from '../../react/status.js'
import { useAdminTexts } from '../texts/use-texts.js'

/** All sessions, or some of them by name. */
export function SessionChoice({ value, onChange }: { value: string[] | '*'; onChange(value: string[] | '*'): void }) {
  const t = useAdminTexts()
  const { sessions } = useSessions()
  const group = useId()
  return (
    <fieldset className="choice">
      <legend className="tl-label">{t('users.access')}</legend>
      <label>
        <input type="radio" name={group} checked={value === '*'} onChange={() => onChange('*')} />{' '}
        {t('users.access.all')}
      </label>
      <label>
        <input type="radio" name={group} checked={value !== '*'} onChange={() => onChange([])} />{' '}
        {t('users.access.some')}
      </label>
      {value === '*' ? null : (
        <div className="choice-list">
          {sessions.length === 0 ? <span className="soft">{t('sessions.empty')}</span> : null}
          {sessions.map((session) => (
            <label key={session.id}>
              <input
                type="checkbox"
                className="tl-check"
                checked={value.includes(session.id)}
                onChange={(event) =>
                  onChange(event.target.checked ? [...value, session.id] : value.filter((id) => id !== session.id))
                }
              />
              {nameOf(session)}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  )
}
