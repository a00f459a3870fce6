import { AlertTriangle, CircleCheck, Clock, Fingerprint, type LucideIcon, Power, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useProblemText, useTrunkline } from '../provider.js'
import { adviceText, phoneText, reasonText, type Tone } from '../status.js'
import { Button } from '../ui/button.js'
import { Spinner } from '../ui/spinner.js'
import type { Linking } from './use-linking.js'

/** The states in which there is nothing to scan: done, at work, or in need of somebody. */
export function LinkOutcome({ linking, onDone }: { linking: Linking; onDone(): void }) {
  const { t } = useTrunkline()
  const { view, renew, busy, session } = linking
  const again = (text: string) => (
    <Button look="primary" busy={busy} onClick={renew}>
      {text}
    </Button>
  )
  const show = (tone: Tone, icon: LucideIcon | undefined, title: string, lead: string, action?: ReactNode) => (
    <Outcome linking={linking} tone={tone} icon={icon} title={title} lead={lead} action={action} />
  )
  switch (view.kind) {
    case 'linking':
      return show('work', undefined, t('link.linking'), t('link.linking.lead'))
    case 'connected': {
      const account = view.account ? (view.account.pushName ?? phoneText(view.account.phone)) : ''
      const done = (
        <Button look="primary" onClick={onDone}>
          {t('link.connected.done')}
        </Button>
      )
      return show('good', CircleCheck, t('link.connected'), t('link.connected.lead', { account }), done)
    }
    case 'passkey':
      return show('link', Fingerprint, t('link.passkey'), t('link.passkey.lead'))
    case 'expired':
      return show('idle', Clock, t('link.expired'), t('link.expired.lead'), again(t('link.expired.renew')))
    case 'stopped':
      return show('idle', Power, t('link.stopped'), t('link.stopped.lead'), again(t('do.start')))
    case 'reconnecting': {
      const lead = view.reason
        ? `${reasonText(view.reason, t)}. ${t('link.reconnecting.lead')}`
        : t('link.reconnecting.lead')
      return show('work', undefined, t('link.reconnecting'), lead)
    }
    case 'failed': {
      const title = view.reason ? reasonText(view.reason, t) : t(`status.${view.status}`)
      return show('bad', AlertTriangle, title, session ? adviceText(session, t) : '', again(t('link.failed.retry')))
    }
    default:
      return show('idle', Trash2, t('link.deleted'), t('link.deleted.lead'))
  }
}

interface OutcomeProps {
  linking: Linking
  tone: Tone
  /** Left out while something goes on. */
  icon: LucideIcon | undefined
  title: string
  lead: string
  action: ReactNode
}

function Outcome({ linking, tone, icon: Icon, title, lead, action }: OutcomeProps) {
  const textOf = useProblemText()
  return (
    <div className="tl-outcome" role="status" data-view={linking.view.kind}>
      <span className={`tl-outcome-icon tl-tone-${tone}`}>
        {Icon ? <Icon size={28} aria-hidden /> : <Spinner large />}
      </span>
      <p className="tl-outcome-title">{title}</p>
      <p className="tl-outcome-lead">{lead}</p>
      {linking.error === undefined ? null : <p className="tl-note tl-tone-bad">{textOf(linking.error)}</p>}
      {action}
    </div>
  )
}
