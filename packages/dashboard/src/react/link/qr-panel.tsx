import { RefreshCw } from 'lucide-react'
import { useConnection, useProblemText, useTrunkline } from '../provider.js'
import { Button } from '../ui/button.js'
import { Spinner } from '../ui/spinner.js'
import { QrCode } from './qr-code.js'
import type { Linking } from './use-linking.js'

/** The QR with its countdown, beside what to do with it. */
export function QrPanel({ linking }: { linking: Linking }) {
  const { t } = useTrunkline()
  const textOf = useProblemText()
  const connection = useConnection()
  const { view, busy, error, renew } = linking
  return (
    <div className="tl-link-columns">
      <div>
        <div className="tl-qr-frame">
          {view.kind === 'qr' ? (
            <QrCode text={view.qr.qr} label={t('link.qr.label')} />
          ) : (
            <div className="tl-qr-waiting" role="status">
              <Spinner large />
              <p>{view.kind === 'starting' ? t('link.starting') : t('link.qr.renewing')}</p>
              {view.kind === 'starting' ? <p className="tl-hint">{t('link.starting.lead')}</p> : null}
            </div>
          )}
        </div>
        <div className="tl-qr-foot">
          {view.kind === 'qr' ? (
            <>
              <Ring left={view.leftMs} whole={Date.parse(view.qr.expiresAt) - Date.parse(view.qr.issuedAt)} />
              <span className="tl-qr-count">{t('link.qr.seconds', { count: Math.ceil(view.leftMs / 1000) })}</span>
              <span className="tl-qr-attempt" data-testid="qr-attempt">
                {t('link.qr.attempt', { attempt: view.qr.attempt, max: view.qr.maxAttempts })}
              </span>
            </>
          ) : null}
        </div>
      </div>
      <div className="tl-link-how">
        <ol className="tl-steps">
          <li>{t('link.how.open')}</li>
          <li>{t('link.how.devices')}</li>
          <li>{t('link.how.scan')}</li>
        </ol>
        <Button small icon={RefreshCw} busy={busy} onClick={renew}>
          {t('link.qr.renew')}
        </Button>
        {connection.status === 'open' ? null : (
          <p className="tl-note tl-tone-work" role="status">
            {t('link.offline')}
          </p>
        )}
        {error === undefined ? null : (
          <p className="tl-note tl-tone-bad" role="alert">
            {textOf(error)}
          </p>
        )}
      </div>
    </div>
  )
}

const RADIUS = 7
const ROUND = 2 * Math.PI * RADIUS

/** How much of the time is left, as a ring that gets shorter. The seconds stand beside it. */
function Ring({ left, whole }: { left: number; whole: number }) {
  const part = Math.max(0, Math.min(1, left / Math.max(1, whole)))
  return (
    <svg className="tl-ring" viewBox="0 0 18 18" aria-hidden>
      <circle cx="9" cy="9" r={RADIUS} className="tl-ring-ground" />
      <circle
        cx="9"
        cy="9"
        r={RADIUS}
        className="tl-ring-left"
        strokeDasharray={ROUND}
        strokeDashoffset={ROUND * (1 - part)}
        transform="rotate(-90 9 9)"
      />
    </svg>
  )
}
