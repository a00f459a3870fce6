import { ClientError } from '@trunkline/client'
import { type FormEvent, useState } from 'react'
import { problemText, useTrunkline } from '../../react/provider.js'
import { Button } from '../../react/ui/button.js'
import { TextField } from '../../react/ui/field.js'

const MIN_LENGTH = 8

export interface ChangePasswordProps {
  change(password: string, newPassword: string): Promise<void>
  /** The password of now, where it is known already. */
  current?: string
  onDone(): void
  onSkip?: () => void
}

/** Two fields, or one where the password of now was typed a moment ago. */
export function ChangePassword({ change, current, onDone, onSkip }: ChangePasswordProps) {
  const { t } = useTrunkline()
  const [password, setPassword] = useState(current ?? '')
  const [next, setNext] = useState('')
  const [problem, setProblem] = useState<{ field: 'now' | 'next'; text: string }>()
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (next.length < MIN_LENGTH) return setProblem({ field: 'next', text: t('password.tooShort') })
    if (next === password) return setProblem({ field: 'next', text: t('password.same') })
    setBusy(true)
    setProblem(undefined)
    try {
      await change(password, next)
      onDone()
    } catch (error) {
      setBusy(false)
      if (ClientError.is(error, 'INVALID_CREDENTIALS')) setProblem({ field: 'now', text: t('password.wrong') })
      else setProblem({ field: 'next', text: problemText(error, t) })
    }
  }

  return (
    <form className="tl-stack" onSubmit={(event) => void submit(event)}>
      {current === undefined ? (
        <TextField
          label={t('password.now')}
          type="password"
          autoComplete="current-password"
          required
          problem={problem?.field === 'now' ? problem.text : undefined}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      ) : null}
      <TextField
        label={t('password.next')}
        hint={t('password.hint')}
        type="password"
        autoComplete="new-password"
        required
        problem={problem?.field === 'next' ? problem.text : undefined}
        value={next}
        onChange={(event) => setNext(event.target.value)}
      />
      <div className="tl-row">
        <Button look="primary" type="submit" busy={busy}>
          {t('password.submit')}
        </Button>
        {onSkip ? (
          <Button look="quiet" onClick={onSkip}>
            {t('do.skip')}
          </Button>
        ) : null}
      </div>
    </form>
  )
}
