import { useId } from 'react'
import type { Webhook } from '../../react/types.js'
import { EVENT_NAMES } from '../events/event-log.js'
import { useAdminTexts } from '../texts/use-texts.js'

type Events = Webhook['events']

/** All events, or some of them by name. */
export function EventChoice({ value, onChange }: { value: Events; onChange(value: Events): void }) {
  const t = useAdminTexts()
  const group = useId()
  return (
    <fieldset className="choice">
      <legend className="tl-label">{t('webhooks.events')}</legend>
      <label>
        <input type="radio" name={group} checked={value === '*'} onChange={() => onChange('*')} />{' '}
        {t('webhooks.events.all')}
      </label>
      <label>
        <input
          type="radio"
          name={group}
          checked={value !== '*'}
          onChange={() => onChange(['message', 'message.status'])}
        />{' '}
        {t('webhooks.events.some')}
      </label>
      {value === '*' ? null : (
        <div className="choice-list choice-tall">
          {EVENT_NAMES.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                className="tl-check"
                checked={value.includes(name)}
                onChange={(event) =>
                  onChange(event.target.checked ? [...value, name] : value.filter((other) => other !== name))
                }
              />
              <code>{name}</code>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  )
}
