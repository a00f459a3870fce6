import { type FormEvent, useId, useState } from 'react'
import { useTrunkline } from '../../../react/provider.js'
import { Button } from '../../../react/ui/button.js'
import { Dialog } from '../../../react/ui/dialog.js'
import { TextField } from '../../../react/ui/field.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useToasts } from '../../shell/toasts.js'
import { useSessionTexts } from '../../texts/use-texts.js'

/** Follows an invitation, after it was said where it leads. */
export function JoinDialog({
  sessionId,
  onJoined,
  onClose,
}: {
  sessionId: string
  onJoined(groupId: string): void
  onClose(): void
}) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { done } = useToasts()
  const form = useId()
  const [code, setCode] = useState('')
  const [found, setFound] = useState<string>()
  const { run, busy, error } = useCall(async () => {
    if (found === undefined) {
      setFound((await client.groups.getInvited(sessionId, { code })).subject)
      return
    }
    const { groupId, state } = await client.groups.join(sessionId, { code })
    if (state === 'joined' && groupId !== undefined) return onJoined(groupId)
    done(t('groups.requested'))
    onClose()
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run()
  }
  return (
    <Dialog
      title={t('groups.join')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('do.cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={busy}>
            {t(found !== undefined ? 'groups.join.do' : 'groups.join.look')}
          </Button>
        </>
      }
    >
      <form id={form} className="tl-stack" onSubmit={submit}>
        {error === undefined ? null : <Problem error={error} />}
        <TextField
          label={t('groups.code')}
          hint={t('groups.codeHint')}
          required
          autoFocus
          autoComplete="off"
          value={code}
          onChange={(event) => {
            setCode(event.target.value)
            setFound(undefined)
          }}
        />
        {found !== undefined ? <p className="flat">{t('groups.join.leads', { name: found })}</p> : null}
      </form>
    </Dialog>
  )
}
