import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useTrunkline } from '../provider.js'
import { IconButton } from './button.js'

export interface DialogProps {
  title: string
  children: ReactNode
  /** Buttons at the end. */
  actions?: ReactNode
  wide?: boolean
  onClose(): void
}

/** What somebody opens a dialog for, where it asks something. */
const FIELDS = '.tl-dialog-body :is(input, select, textarea):not(:disabled)'

/** The browser's own modal dialog: it keeps the focus, gives it back, and closes with Escape. Shown for as long as it is rendered. */
export function Dialog({ title, children, actions, wide = false, onClose }: DialogProps) {
  const { t } = useTrunkline()
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = ref.current
    if (!dialog) return undefined
    const before = document.activeElement
    dialog.showModal()
    // By itself the focus would go to what comes first, the cross in its head.
    dialog.querySelector<HTMLElement>(FIELDS)?.focus()
    return () => {
      dialog.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; a press on the ground beside it does the same.
    <dialog
      ref={ref}
      className={wide ? 'tl-dialog tl-dialog-wide' : 'tl-dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose()
      }}
    >
      <div className="tl-dialog-box">
        <header className="tl-dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon={X} label={t('do.close')} onClick={onClose} />
        </header>
        <div className="tl-dialog-body">{children}</div>
        {actions ? <footer className="tl-dialog-actions">{actions}</footer> : null}
      </div>
    </dialog>
  )
}
