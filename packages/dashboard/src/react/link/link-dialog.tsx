import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { useTrunkline } from '../provider.js'
import { nameOf } from '../status.js'
import { Dialog } from '../ui/dialog.js'
import { CodePanel } from './code-panel.js'
import { LinkOutcome } from './link-outcome.js'
import type { LinkView } from './link-view.js'
import { QrPanel } from './qr-panel.js'
import { type Linking, useLinking } from './use-linking.js'

export interface LinkDialogProps {
  sessionId: string
  onClose(): void
}

/** Links a WhatsApp account to a session, by QR or by a code, with every state in words. */
export function LinkDialog({ sessionId, onClose }: LinkDialogProps) {
  const { t } = useTrunkline()
  const linking = useLinking(sessionId)
  const name = linking.session ? nameOf(linking.session) : sessionId
  return (
    <Dialog title={t('link.title', { name })} onClose={onClose} wide>
      <LinkPanel linking={linking} onDone={onClose} />
    </Dialog>
  )
}

/** States in which there is something to scan or to type, or will be in a moment. */
const CHOICES: readonly LinkView['kind'][] = ['starting', 'qr', 'renewing', 'code', 'code-ended']

export interface LinkPanelProps {
  /** Of `useLinking`. */
  linking: Linking
  /** A press on the last button, once the account is linked. */
  onDone(): void
}

/** The inside of the dialog, for a page that has a place of its own for it. */
export function LinkPanel({ linking, onDone }: LinkPanelProps) {
  const [way, setWay] = useState<Way>('qr')
  if (!CHOICES.includes(linking.view.kind)) return <LinkOutcome linking={linking} onDone={onDone} />
  return (
    <div className="tl-link" data-view={linking.view.kind}>
      <Ways way={way} onChoose={setWay}>
        {way === 'qr' ? <QrPanel linking={linking} /> : <CodePanel linking={linking} />}
      </Ways>
    </div>
  )
}

type Way = 'qr' | 'code'
const WAYS = ['qr', 'code'] as const

function Ways({ way, onChoose, children }: { way: Way; onChoose(way: Way): void; children: ReactNode }) {
  const { t } = useTrunkline()
  const id = useId()
  const tabs = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const next = way === 'qr' ? 'code' : 'qr'
    onChoose(next)
    tabs.current?.querySelector<HTMLElement>(`[data-way=${next}]`)?.focus()
  }
  return (
    <>
      <div ref={tabs} className="tl-segments" role="tablist" onKeyDown={onKeyDown}>
        {WAYS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`${id}-${each}`}
            data-way={each}
            aria-selected={way === each}
            aria-controls={`${id}-panel`}
            tabIndex={way === each ? 0 : -1}
            className="tl-segment"
            onClick={() => onChoose(each)}
          >
            {t(each === 'qr' ? 'link.byQr' : 'link.byCode')}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${way}`}>
        {children}
      </div>
    </>
  )
}
