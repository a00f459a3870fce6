import { addressText } from '../../../react/conversation/message-text.js'
import { usePersonName } from '../../../react/people/use-person.js'
import { useSessionTexts } from '../../texts/use-texts.js'

export interface Outcome {
  id: string
  ok: boolean
  code?: string | undefined
}

const CODES = [
  'NOT_ON_WHATSAPP',
  'NOT_IN_GROUP',
  'ALREADY_IN_GROUP',
  'LEFT_RECENTLY',
  'INVITATION_NEEDED',
  'BLOCKED',
  'GROUP_FULL',
  'NOT_ALLOWED',
  'REFUSED',
] as const

/** What became of each of several people. */
export function Outcomes({ sessionId, outcomes }: { sessionId: string; outcomes: readonly Outcome[] }) {
  return (
    <ul className="plain-list" role="status">
      {outcomes.map((outcome) => (
        <Line key={outcome.id} sessionId={sessionId} outcome={outcome} />
      ))}
    </ul>
  )
}

function Line({ sessionId, outcome: { id, ok, code } }: { sessionId: string; outcome: Outcome }) {
  const t = useSessionTexts()
  const name = usePersonName(sessionId, id) ?? addressText(id)
  const known = CODES.find((each) => each === code) ?? 'REFUSED'
  return (
    <li>
      <span>{name}</span>
      <span className={ok ? 'tl-good-text' : 'tl-bad-text'}>
        {t(ok ? 'groups.outcome.ok' : `groups.problem.${known}`)}
      </span>
    </li>
  )
}
