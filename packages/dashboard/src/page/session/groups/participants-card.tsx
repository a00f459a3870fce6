import { MoreVertical, ShieldCheck, ShieldOff, UserMinus, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { addressText } from '../../../react/conversation/message-text.js'
import { PersonAvatar } from '../../../react/people/person-avatar.js'
import { usePersonName } from '../../../react/people/use-person.js'
import { problemText, useTrunkline } from '../../../react/provider.js'
import { phoneText } from '../../../react/status.js'
import type { Group, Session } from '../../../react/types.js'
import { Button } from '../../../react/ui/button.js'
import { Menu } from '../../../react/ui/menu.js'
import { useToasts } from '../../shell/toasts.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { AddPeopleDialog } from './add-people-dialog.js'

type Participant = Group['participants'][number]
type Deed = 'promoteParticipants' | 'demoteParticipants' | 'removeParticipants'

const ORDER = ['owner', 'admin', 'member'] as const
const FIRST_SHOWN = 100

export interface ParticipantsCardProps {
  session: Session
  group: Group
  isAdmin: boolean
  mayAdd: boolean
  onChanged(): void
}

/** Who is in a group, admins first. */
export function ParticipantsCard({ session, group, isAdmin, mayAdd, onChanged }: ParticipantsCardProps) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { failed } = useToasts()
  const [adding, setAdding] = useState(false)
  const [all, setAll] = useState(false)
  const sorted = group.participants.toSorted((one, other) => ORDER.indexOf(one.role) - ORDER.indexOf(other.role))
  const shown = all ? sorted : sorted.slice(0, FIRST_SHOWN)
  const act = async (id: string, deed: Deed) => {
    try {
      const { outcomes } = await client.groups[deed](session.id, group.id, { participants: [id] })
      if (outcomes.some(({ ok }) => !ok)) failed(t('groups.problem.REFUSED'))
    } catch (error) {
      failed(problemText(error, t))
    }
    onChanged()
  }
  return (
    <section className="card" aria-label={t('groups.participants')}>
      <div className="card-head card-head-pad">
        <h2>{t('groups.people', { count: group.participants.length })}</h2>
        {mayAdd ? (
          <Button small icon={UserPlus} onClick={() => setAdding(true)}>
            {t('groups.add')}
          </Button>
        ) : null}
      </div>
      <ul className="people">
        {shown.map((participant) => (
          <Row
            key={participant.id}
            session={session}
            participant={participant}
            onAct={isAdmin ? (deed) => void act(participant.id, deed) : undefined}
          />
        ))}
      </ul>
      {sorted.length > shown.length ? (
        <div className="table-more">
          <Button onClick={() => setAll(true)}>{t('do.loadMore')}</Button>
        </div>
      ) : null}
      {adding ? (
        <AddPeopleDialog
          sessionId={session.id}
          groupId={group.id}
          onClose={() => setAdding(false)}
          onAdded={onChanged}
        />
      ) : null}
    </section>
  )
}

function Row({
  session: { id: sessionId, account },
  participant,
  onAct,
}: {
  session: Session
  participant: Participant
  onAct: ((deed: Deed) => void) | undefined
}) {
  const t = useSessionTexts()
  const { id, phone, role } = participant
  const isMe = account !== undefined && (id === account.jid || id === account.lid || phone === account.phone)
  const person = usePersonName(sessionId, isMe ? undefined : id)
  const number = phone === undefined ? undefined : phoneText(phone)
  const name = isMe ? t('chats.you') : (person ?? number ?? addressText(id))
  return (
    <li className="person">
      <PersonAvatar small sessionId={sessionId} id={id} name={name} />
      <span className="person-text">
        <strong>{name}</strong>
        {number === undefined || number === name ? null : <span className="soft">{number}</span>}
      </span>
      {role === 'member' ? null : <span className="tag">{t(`groups.role.${role}`)}</span>}
      {onAct && !isMe && role !== 'owner' ? (
        <Menu
          label={`${t('do.more')}: ${name}`}
          trigger={<MoreVertical size={18} aria-hidden />}
          items={[
            role === 'admin'
              ? { label: t('groups.demote'), icon: ShieldOff, onSelect: () => onAct('demoteParticipants') }
              : { label: t('groups.promote'), icon: ShieldCheck, onSelect: () => onAct('promoteParticipants') },
            'line',
            { label: t('groups.remove'), icon: UserMinus, danger: true, onSelect: () => onAct('removeParticipants') },
          ]}
        />
      ) : null}
    </li>
  )
}
