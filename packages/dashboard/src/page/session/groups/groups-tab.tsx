import { useQuery, useQueryClient } from '@tanstack/react-query'
import { LogIn, Plus, Users } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { PersonAvatar } from '../../../react/people/person-avatar.js'
import { useTrunkline } from '../../../react/provider.js'
import type { Group, Session } from '../../../react/types.js'
import { Button } from '../../../react/ui/button.js'
import { Empty } from '../../../react/ui/empty.js'
import { Problem } from '../../../react/ui/problem.js'
import { useMe } from '../../me.js'
import { Loading } from '../../shell/loading.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { GroupView } from './group-view.js'
import { JoinDialog } from './join-dialog.js'
import { NewGroupDialog } from './new-group-dialog.js'
import { roleOf } from './role-of.js'

/** WhatsApp does not like to be asked often. */
const FRESH_MS = 60_000

/** The groups of an account, or one of them. */
export function GroupsTab({ session }: { session: Session }) {
  const { client } = useTrunkline()
  const queries = useQueryClient()
  const [path, navigate] = useLocation()
  const openId = new URLSearchParams(useSearch()).get('group') ?? undefined
  const open = (groupId?: string) =>
    navigate(`${path}?tab=groups${groupId === undefined ? '' : `&group=${encodeURIComponent(groupId)}`}`)
  useEffect(
    () =>
      client.events.on('group.updated', ({ sessionId, groupId }) => {
        if (sessionId !== session.id) return
        void queries.invalidateQueries({ queryKey: ['group', sessionId, groupId] })
        void queries.invalidateQueries({ queryKey: ['groups', sessionId], refetchType: 'none' })
      }),
    [client, queries, session.id],
  )
  return openId === undefined ? (
    <GroupList session={session} onOpen={open} />
  ) : (
    <GroupView key={openId} session={session} groupId={openId} onClose={() => open()} />
  )
}

function GroupList({ session, onOpen }: { session: Session; onOpen(groupId: string): void }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const [asking, setAsking] = useState<'new' | 'join'>()
  const isConnected = session.status === 'connected'
  const { data, error, refetch } = useQuery({
    queryKey: ['groups', session.id],
    queryFn: ({ signal }) => client.groups.list(session.id, { signal }),
    staleTime: FRESH_MS,
    enabled: isConnected,
  })
  const groups = (data?.items ?? []).toSorted((one, other) => one.subject.localeCompare(other.subject))
  return (
    <div className="details-one">
      {may('groups:manage') && isConnected ? (
        <div className="tl-row">
          <Button look="primary" icon={Plus} onClick={() => setAsking('new')}>
            {t('groups.new')}
          </Button>
          <Button icon={LogIn} onClick={() => setAsking('join')}>
            {t('groups.join')}
          </Button>
        </div>
      ) : null}
      {error ? <Problem error={error} onRetry={() => void refetch()} /> : null}
      {!isConnected && !data ? (
        <Empty icon={Users} title={t('groups.notConnected')} lead={t('groups.notConnectedLead')} />
      ) : data === undefined && !error ? (
        <Loading />
      ) : null}
      {data && groups.length === 0 ? (
        <Empty icon={Users} title={t('groups.empty')} lead={t('groups.emptyLead')} />
      ) : null}
      {groups.length > 0 ? (
        <ul className="card people" aria-label={t('session.tab.groups')}>
          {groups.map((group) => (
            <Row key={group.id} group={group} session={session} onOpen={() => onOpen(group.id)} />
          ))}
        </ul>
      ) : null}
      {asking === 'new' ? (
        <NewGroupDialog sessionId={session.id} onClose={() => setAsking(undefined)} onMade={onOpen} />
      ) : null}
      {asking === 'join' ? (
        <JoinDialog sessionId={session.id} onClose={() => setAsking(undefined)} onJoined={onOpen} />
      ) : null}
    </div>
  )
}

function Row({ group, session, onOpen }: { group: Group; session: Session; onOpen(): void }) {
  const t = useSessionTexts()
  const role = roleOf(group, session.account)
  return (
    <li>
      <button type="button" className="person" onClick={onOpen}>
        <PersonAvatar sessionId={session.id} id={group.id} name={group.subject} />
        <span className="person-text">
          <strong>{group.subject}</strong>
          <span className="soft">{t('groups.people', { count: group.participants.length })}</span>
        </span>
        {role === undefined || role === 'member' ? null : <span className="tag">{t(`groups.role.${role}`)}</span>}
      </button>
    </li>
  )
}
