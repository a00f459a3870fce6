import { type FormEvent, useId, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import type { Permission } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { SelectField, TextField } from '../../react/ui/field.js'
import { useMe } from '../me.js'
import { ROLE_PERMISSIONS } from '../permissions.js'
import { OnceDialog } from '../shell/once-dialog.js'
import { SessionChoice } from '../shell/session-choice.js'
import { useAdminTexts } from '../texts/use-texts.js'

const DAYS = [30, 90, 365] as const
const DAY_MS = 86_400_000

/** Makes a key, and shows it once. */
export function KeyDialog({ onMade, onClose }: { onMade(): void; onClose(): void }) {
  const t = useAdminTexts()
  const [key, setKey] = useState<string>()
  if (key === undefined) {
    return (
      <KeyForm
        onClose={onClose}
        onMade={(made) => {
          setKey(made)
          onMade()
        }}
      />
    )
  }
  return <OnceDialog title={t('keys.once.title')} lead={t('keys.once.lead')} secret={key} onClose={onClose} />
}

function KeyForm({ onMade, onClose }: { onMade(key: string): void; onClose(): void }) {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const { user } = useMe()
  const form = useId()
  const [name, setName] = useState('')
  const [permissions, setPermissions] = useState<Permission[]>([
    'sessions:read',
    'messages:read',
    'messages:send',
    'events:read',
  ])
  const [sessionIds, setSessionIds] = useState<string[] | '*'>('*')
  const [days, setDays] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (permissions.length === 0) return setProblem(t('keys.noPermission'))
    setBusy(true)
    setProblem(undefined)
    try {
      const expiresAt = days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }
      onMade((await client.keys.create({ name, permissions, sessionIds, ...expiresAt })).key)
    } catch (error) {
      setBusy(false)
      setProblem(problemText(error, t))
    }
  }

  return (
    <Dialog
      title={t('keys.new')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {t('keys.submit')}
          </Button>
        </>
      }
    >
      <form id={form} className="tl-stack" onSubmit={(event) => void submit(event)}>
        {problem === undefined ? null : (
          <p className="tl-note tl-tone-bad" role="alert">
            {problem}
          </p>
        )}
        <TextField
          label={t('keys.name')}
          hint={t('keys.nameHint')}
          required
          maxLength={100}
          autoFocus
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className="choice">
          <legend className="tl-label">{t('keys.permissions')}</legend>
          <div className="choice-list choice-tall">
            {ROLE_PERMISSIONS[user.role].map((permission) => (
              <label key={permission}>
                <input
                  type="checkbox"
                  className="tl-check"
                  checked={permissions.includes(permission)}
                  onChange={(event) =>
                    setPermissions(
                      event.target.checked
                        ? [...permissions, permission]
                        : permissions.filter((other) => other !== permission),
                    )
                  }
                />
                {t(`permission.${permission}`)}
              </label>
            ))}
          </div>
        </fieldset>
        <SessionChoice value={sessionIds} onChange={setSessionIds} />
        <SelectField label={t('keys.expires')} value={days} onChange={(event) => setDays(event.target.value)}>
          <option value="">{t('keys.expires.never')}</option>
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {t('keys.expires.days', { count })}
            </option>
          ))}
        </SelectField>
      </form>
    </Dialog>
  )
}
