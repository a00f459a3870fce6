import { ClientError } from '@trunkline/client'
import { type FormEvent, useId, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import type { Role, User } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { SelectField, Switch, TextField } from '../../react/ui/field.js'
import { useMe } from '../me.js'
import { SessionChoice } from '../shell/session-choice.js'
import { useAdminTexts } from '../texts/use-texts.js'

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

export interface UserDialogProps {
  /** Left out for a new one. */
  user: User | undefined
  onSaved(): void
  onClose(): void
}

export function UserDialog({ user, onSaved, onClose }: UserDialogProps) {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const isMe = useMe().user.id === user?.id
  const form = useId()
  const [name, setName] = useState(user?.name ?? '')
  const [email, setEmail] = useState(user?.email ?? '')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>(user?.role ?? 'operator')
  const [sessionIds, setSessionIds] = useState<User['sessionIds']>(user?.sessionIds ?? '*')
  const [disabled, setDisabled] = useState(user?.disabled ?? false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    const given = { name, email, ...(isMe ? {} : { role, sessionIds }) }
    try {
      if (user) {
        await client.users.update(user.id, {
          ...given,
          ...(password === '' ? {} : { password }),
          ...(isMe ? {} : { disabled }),
        })
      } else await client.users.create({ name, email, password, role, sessionIds })
      onSaved()
    } catch (error) {
      setBusy(false)
      if (ClientError.is(error, 'EMAIL_IN_USE')) setProblem(t('users.emailInUse'))
      else if (ClientError.is(error, 'LAST_ADMIN')) setProblem(t('users.lastAdmin'))
      else setProblem(problemText(error, t))
    }
  }

  return (
    <Dialog
      title={user ? t('users.edit', { name: user.name }) : t('users.new')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {user ? t('do.save') : t('users.submit')}
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
          label={t('users.name')}
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t('users.email')}
          type="email"
          required
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        {isMe ? null : (
          <>
            <TextField
              label={t(user ? 'users.newPassword' : 'users.password')}
              hint={t(user ? 'users.newPasswordHint' : 'password.hint')}
              type="password"
              autoComplete="new-password"
              required={!user}
              minLength={8}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
            <SelectField
              label={t('users.role')}
              hint={t(`role.${role}.means`)}
              value={role}
              onChange={(event) => setRole(ROLES.find((each) => each === event.target.value) ?? 'viewer')}
            >
              {ROLES.map((each) => (
                <option key={each} value={each}>
                  {t(`role.${each}`)}
                </option>
              ))}
            </SelectField>
            <SessionChoice value={sessionIds} onChange={setSessionIds} />
          </>
        )}
        {user && !isMe ? (
          <Switch
            label={t('users.disabled')}
            hint={t('users.disabledHint')}
            checked={disabled}
            onChange={setDisabled}
          />
        ) : null}
      </form>
    </Dialog>
  )
}
