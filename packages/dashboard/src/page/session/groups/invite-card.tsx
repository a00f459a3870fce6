import { Eye, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { useTrunkline } from '../../../react/provider.js'
import { Button } from '../../../react/ui/button.js'
import { CopyButton } from '../../../react/ui/copy-button.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useSessionTexts } from '../../texts/use-texts.js'

/** The link that lets people in: shown when somebody asks, because whoever has it can join. */
export function InviteCard({ sessionId, groupId }: { sessionId: string; groupId: string }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const [url, setUrl] = useState<string>()
  const show = useCall(async () => setUrl((await client.groups.getInvite(sessionId, groupId)).url))
  const renew = useCall(async () => setUrl((await client.groups.renewInvite(sessionId, groupId)).url))
  const error = show.error ?? renew.error
  return (
    <section className="card card-pad tl-stack">
      <h2 className="flat">{t('groups.invite')}</h2>
      <p className="flat soft">{t('groups.invite.lead')}</p>
      {error === undefined ? null : <Problem error={error} />}
      {url === undefined ? null : <code className="once">{url}</code>}
      <div className="tl-row">
        {url === undefined ? (
          <Button icon={Eye} busy={show.busy} onClick={show.run}>
            {t('groups.invite.show')}
          </Button>
        ) : (
          <CopyButton text={url} />
        )}
        <Button icon={RefreshCw} busy={renew.busy} onClick={renew.run}>
          {t('groups.invite.renew')}
        </Button>
      </div>
    </section>
  )
}
