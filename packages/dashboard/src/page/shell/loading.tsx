import { useTrunkline } from '../../react/provider.js'
import { Spinner } from '../../react/ui/spinner.js'

/** Stands in the place of what is being read. */
export function Loading() {
  const { t } = useTrunkline()
  return (
    <div className="whole" role="status" aria-label={t('say.loading')}>
      <Spinner large />
    </div>
  )
}
