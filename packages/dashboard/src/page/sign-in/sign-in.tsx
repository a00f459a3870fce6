import { ClientError } from '@trunkline/client'
import { Eye, EyeOff } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import { Button, IconButton } from '../../react/ui/button.js'
import { TextField } from '../../react/ui/field.js'
import { Front } from './front.js'

export interface SignInProps {
  /** Whether somebody was signed in until a moment ago. */
  ended: boolean
  signIn(email: string, password: string): Promise<void>
}

export function SignIn({ ended, signIn }: SignInProps) {
  const { t } = useTrunkline()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await signIn(email, password)
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }

  return (
    <Front title={t('signIn.title')} lead={t('signIn.lead')}>
      <form className="tl-stack" onSubmit={(event) => void submit(event)}>
        {ended && error === undefined ? (
          <p className="tl-note tl-tone-work" role="status">
            {t('signIn.ended')}
          </p>
        ) : null}
        {error === undefined ? null : (
          <p className="tl-note tl-tone-bad" role="alert">
            {signInProblem(error, t)}
          </p>
        )}
        <TextField
          label={t('signIn.email')}
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label={t('signIn.password')}
          type={shown ? 'text' : 'password'}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          after={
            <IconButton
              icon={shown ? EyeOff : Eye}
              label={t(shown ? 'signIn.hidePassword' : 'signIn.showPassword')}
              onClick={() => setShown(!shown)}
            />
          }
        />
        <Button look="primary" type="submit" busy={busy}>
          {t('signIn.submit')}
        </Button>
      </form>
    </Front>
  )
}

function signInProblem(error: unknown, t: ReturnType<typeof useTrunkline>['t']): string {
  if (ClientError.is(error, 'INVALID_CREDENTIALS')) return t('signIn.wrong')
  if (ClientError.is(error, 'RATE_LIMITED'))
    return t('signIn.tooOften', { seconds: Math.ceil((error.retryAfterMs ?? 60_000) / 1000) })
  return problemText(error, t)
}
