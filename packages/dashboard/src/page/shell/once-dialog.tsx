import { Button } from '../../react/ui/button.js'
import { CopyButton } from '../../react/ui/copy-button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { useAdminTexts } from '../texts/use-texts.js'

/** A secret that nobody can be shown again: it stays until somebody says that they have kept it. */
export function OnceDialog({
  title,
  lead,
  secret,
  onClose,
}: {
  title: string
  lead: string
  secret: string
  onClose(): void
}) {
  const t = useAdminTexts()
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          {t('keys.once.done')}
        </Button>
      }
    >
      <div className="tl-stack">
        <p className="flat soft">{lead}</p>
        <code className="once" data-testid="once">
          {secret}
        </code>
        <div className="tl-row">
          <CopyButton text={secret} />
        </div>
      </div>
    </Dialog>
  )
}
