import { useQuery } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import { addressText } from '../../../react/conversation/message-text.js'
import { usePersonName } from '../../../react/people/use-person.js'
import { problemText, useTrunkline } from '../../../react/provider.js'
import { phoneText } from '../../../react/status.js'
import { IconButton } from '../../../react/ui/button.js'
import { Problem } from '../../../react/ui/problem.js'
import { useToasts } from '../../shell/toasts.js'
import { useSessionTexts } from '../../texts/use-texts.js'

/** Who waits to be let in. */
export function RequestsCard({
  sessionId,
  groupId,
  onChanged,
}: {
  sessionId: string
  groupId: string
  onChanged(): void
}) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { failed } = useToasts()
  const { data, error, refetch } = useQuery({
    queryKey: ['group', sessionId, groupId, 'requests'],
    queryFn: ({ signal }) => client.groups.listRequests(sessionId, groupId, { signal }),
  })
  const decide = async (id: string, verdict: 'approveRequests' | 'rejectRequests') => {
    try {
      const { outcomes } = await client.groups[verdict](sessionId, groupId, { participants: [id] })
      if (outcomes.some(({ ok }) => !ok)) failed(t('groups.problem.REFUSED'))
    } catch (problem) {
      failed(problemText(problem, t))
    }
    void refetch()
    onChanged()
  }
  return (
    <section className="card card-pad">
      <h2>{t('groups.requests')}</h2>
      {error ? <Problem error={error} onRetry={() => void refetch()} /> : null}
      {data?.items.length === 0 ? <p className="flat soft">{t('groups.requests.none')}</p> : null}
      <ul className="plain-list">
        {(data?.items ?? []).map(({ id, phone }) => (
          <Request
            key={id}
            sessionId={sessionId}
            id={id}
            phone={phone}
            onApprove={() => void decide(id, 'approveRequests')}
            onReject={() => void decide(id, 'rejectRequests')}
          />
        ))}
      </ul>
    </section>
  )
}

function Request({
  sessionId,
  id,
  phone,
  onApprove,
  onReject,
}: {
  sessionId: string
  id: string
  phone: string | undefined
  onApprove(): void
  onReject(): void
}) {
  const t = useSessionTexts()
  const name = usePersonName(sessionId, id) ?? (phone === undefined ? addressText(id) : phoneText(phone))
  return (
    <li>
      <span className="person-text">{name}</span>
      <IconButton icon={Check} label={t('groups.requests.approve', { name })} onClick={onApprove} />
      <IconButton icon={X} label={t('groups.requests.reject', { name })} onClick={onReject} />
    </li>
  )
}
