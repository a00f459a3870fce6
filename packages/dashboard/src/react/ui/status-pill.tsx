import { useTrunkline } from '../provider.js'
import { TONES } from '../status.js'
import type { SessionStatus } from '../types.js'

/** A status in its word and its colour, never in colour alone. */
export function StatusPill({ status }: { status: SessionStatus }) {
  const { t } = useTrunkline()
  return (
    <span className={`tl-pill tl-tone-${TONES[status]}`} data-status={status}>
      <span className="tl-dot" aria-hidden />
      {t(`status.${status}`)}
    </span>
  )
}
