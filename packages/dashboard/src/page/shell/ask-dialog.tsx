import { useTrunkline } from '../../react/provider.js'
import { Button } from '../../react/ui/button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { Problem } from '../../react/ui/problem.js'
import { useCall } from '../../react/use-call.js'

export interface AskDialogProps {
  title: string
  lead: string
  /** What stands on the button that does it. */
  action: string
  call(): Promise<unknown>
  onDone(): void
  onClose(): void
}

/** Asks before something is done that cannot be taken back, and stays when it did not work. */
export function AskDialog({ title, lead, action, call, onDone, onClose }: AskDialogProps) {
  const { t } = useTrunkline()
  const { run, busy, error } = useCall(async () => {
    await call()
    onDone()
  })
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="danger" busy={busy} onClick={run}>
            {action}
          </Button>
        </>
      }
    >
      <p className="flat">{lead}</p>
      {error === undefined ? null : <Problem error={error} />}
    </Dialog>
  )
}
