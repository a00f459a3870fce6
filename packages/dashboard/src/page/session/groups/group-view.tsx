import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ArrowLeft, LogOut, MessageSquare, Pencil } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { PersonAvatar } from '../../../react/people/person-avatar.js'
import { useTrunkline } from '../../../react/provider.js'
import type { Group, Session } from '../../../react/types.js'
import { Button, IconButton } from '../../../react/ui/button.js'
import { Problem } from '../../../react/ui/problem.js'
import { useMe } from '../../me.js'
import { AskDialog } from '../../shell/ask-dialog.js'
import { Loading } from '../../shell/loading.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { EditGroupDialog } from './edit-group-dialog.js'
import { GroupSettingsCard } from './group-settings-card.js'
import { InviteCard } from './invite-card.js'
import { ParticipantsCard } from './participants-card.js'
import { RequestsCard } from './requests-card.js'
import { roleOf } from './role-of.js'

/** One group: who is in it, what holds in it, and how others come in. */
export function GroupView({ session, groupId, onClose }: { session: Session; groupId: string; onClose(): void }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const queries = useQueryClient()
  const [asking, setAsking] = useState<'edit' | 'leave'>()
  const {
    data: group,
    error,
    refetch,
  } = useQuery({
    queryKey: ['group', session.id, groupId],
    queryFn: ({ signal }) => client.groups.get(session.id, groupId, { signal }),
    enabled: session.status === 'connected',
  })
  const put = (changed: Group) => queries.setQueryData(['group', session.id, groupId], changed)
  if (error) return <Problem error={error} onRetry={() => void refetch()} />
  if (!group) return <Loading />
  const mayManage = may('groups:manage')
  const role = roleOf(group, session.account)
  const isAdmin = mayManage && role !== undefined && role !== 'member'
  const changesText = mayManage && (isAdmin || !group.settings.locked)
  return (
    <div className="details-one">
      <header className="group-head">
        <IconButton icon={ArrowLeft} label={t('do.back')} onClick={onClose} />
        <PersonAvatar sessionId={session.id} id={group.id} name={group.subject} />
        <div className="group-head-text">
          <h2>{group.subject}</h2>
          {group.description === undefined ? null : <p className="soft">{group.description}</p>}
        </div>
        <div className="tl-row">
          <Link className="tl-button" href={`/sessions/${session.id}?tab=chats&chat=${encodeURIComponent(group.id)}`}>
            <MessageSquare size={16} aria-hidden />
            {t('groups.openChat')}
          </Link>
          {changesText ? (
            <Button icon={Pencil} onClick={() => setAsking('edit')}>
              {t('do.edit')}
            </Button>
          ) : null}
        </div>
      </header>
      <div className="details">
        <div className="details-column">
          <ParticipantsCard
            session={session}
            group={group}
            isAdmin={isAdmin}
            mayAdd={mayManage && (isAdmin || group.settings.memberAdd)}
            onChanged={() => void refetch()}
          />
        </div>
        <div className="details-column">
          <GroupSettingsCard sessionId={session.id} group={group} isAdmin={isAdmin} onChanged={put} />
          {isAdmin ? <InviteCard sessionId={session.id} groupId={group.id} /> : null}
          {isAdmin && group.settings.joinApproval ? (
            <RequestsCard sessionId={session.id} groupId={group.id} onChanged={() => void refetch()} />
          ) : null}
          {mayManage ? (
            <section className="card card-pad">
              <div className="danger-row">
                <p className="soft">{t('groups.leave.lead')}</p>
                <Button icon={LogOut} onClick={() => setAsking('leave')}>
                  {t('groups.leave')}
                </Button>
              </div>
            </section>
          ) : null}
        </div>
      </div>
      {asking === 'edit' ? (
        <EditGroupDialog
          sessionId={session.id}
          group={group}
          onClose={() => setAsking(undefined)}
          onSaved={(changed) => {
            put(changed)
            setAsking(undefined)
          }}
        />
      ) : null}
      {asking === 'leave' ? (
        <AskDialog
          title={t('groups.leave.title', { name: group.subject })}
          lead={t('groups.leave.lead')}
          action={t('groups.leave')}
          call={() => client.groups.leave(session.id, group.id)}
          onClose={() => setAsking(undefined)}
          onDone={() => {
            void queries.invalidateQueries({ queryKey: ['groups', session.id] })
            onClose()
          }}
        />
      ) : null}
    </div>
  )
}
