import { ClientError } from '@trunkline/client'
import { AlertTriangle } from 'lucide-react'
import { useProblemText, useTrunkline } from '../provider.js'
import { Button } from './button.js'

/** What went wrong and, where there is one, a way on. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const { t } = useTrunkline()
  const textOf = useProblemText()
  const requestId = ClientError.is(error) ? error.requestId : undefined
  return (
    <div className="tl-problem" role="alert">
      <AlertTriangle size={18} aria-hidden />
      <div>
        <p>{textOf(error)}</p>
        {requestId === undefined ? null : <p className="tl-hint">{t('problem.requestId', { id: requestId })}</p>}
      </div>
      {onRetry ? (
        <Button small onClick={onRetry}>
          {t('do.tryAgain')}
        </Button>
      ) : null}
    </div>
  )
}
