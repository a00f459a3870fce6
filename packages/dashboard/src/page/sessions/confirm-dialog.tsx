import { useState } from 'react'
import { useTrunkline } from '../../react/provider.js'
import { nameOf, phoneText } from '../../react/status.js'
import type { Session } from '../../react/types.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { TextField } from '../../react/ui/field.js'

export interface ConfirmDialogProps {
  action: 'logout' | 'delete'
  sessions: readonly Session[]
  onConfirm(): Promise<void>
  onClose(): void
}

const MOST_NAMED = 6

/** Names the accounts that it is about, and to delete a linked one its name has to be typed. */
export function ConfirmDialog({ action, sessions, onConfirm, onClose }: ConfirmDialogProps) {
  const { t } = useTrunkline()
  const [busy, setBusy] = useState(false)
  const [typed, setTyped] = useState('')
  const [only] = sessions
  const isOne = sessions.length === 1 && only !== undefined
  const name = only ? nameOf(only) : ''
  const mustType = action === 'delete' && isOne && only.account !== undefined
  const title = isOne
    ? t(`confirm.${action}.title`, { name })
    : t(`confirm.bulk.${action}.title`, { count: sessions.length })
  const confirm = async () => {
    setBusy(true)
    await onConfirm()
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="danger" busy={busy} disabled={mustType && typed.trim() !== name} onClick={() => void confirm()}>
            {t(`do.${action}`)}
          </Button>
        </>
      }
    >
      <div className="tl-stack">
        {isOne ? (
          <p className="flat">{t(`confirm.${action}.lead`, { account: accountOf(only) ?? t('confirm.noAccount') })}</p>
        ) : (
          <Named sessions={sessions} />
        )}
        {mustType ? (
          <TextField
            label={t('confirm.delete.type', { name })}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        ) : null}
      </div>
    </Dialog>
  )
}

function Named({ sessions }: { sessions: readonly Session[] }) {
  const { t } = useTrunkline()
  const rest = sessions.length - MOST_NAMED
  return (
    <div>
      <p className="flat">{t('confirm.bulk.lead')}</p>
      <ul className="named">
        {sessions.slice(0, MOST_NAMED).map((session) => (
          <li key={session.id}>
            <strong>{nameOf(session)}</strong> · {accountOf(session) ?? t('confirm.noAccount')}
          </li>
        ))}
        {rest > 0 ? <li>{t('confirm.bulk.more', { count: rest })}</li> : null}
      </ul>
    </div>
  )
}

function accountOf({ account }: Session): string | undefined {
  if (!account) return undefined
  const phone = phoneText(account.phone)
  return account.pushName ? `${account.pushName} (${phone})` : phone
}
