import { CloudOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useConnection, useTrunkline } from '../../react/provider.js'
import { Button } from '../../react/ui/button.js'

/** A connection that is back within this time was not worth a word. */
const PATIENCE_MS = 1_500

/** Says since when what is shown may no longer be so. */
export function LostBanner() {
  const { t, format } = useTrunkline()
  const { status, lostAt } = useConnection()
  const isLost = status !== 'open' && lostAt !== undefined
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (!isLost) {
      setShown(false)
      return undefined
    }
    const timer = setTimeout(() => setShown(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [isLost])
  if (!shown || !isLost) return null
  const time = format.clock(lostAt)
  return (
    <div className="lost" role="alert">
      <CloudOff size={18} aria-hidden />
      <p>{status === 'closed' ? t('live.refused', { time }) : t('live.lost', { time })}</p>
      {status === 'closed' ? (
        <Button small onClick={() => location.reload()}>
          {t('live.reload')}
        </Button>
      ) : null}
    </div>
  )
}
