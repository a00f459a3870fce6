import {
  AlertTriangle,
  Ban,
  CalendarClock,
  Check,
  CheckCheck,
  CircleQuestionMark,
  Clock3,
  TimerOff,
} from 'lucide-react'
import { useTrunkline } from '../provider.js'
import type { Message } from '../types.js'

const ICONS = {
  queued: CalendarClock,
  pending: Clock3,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  played: CheckCheck,
  failed: AlertTriangle,
  canceled: Ban,
  expired: TimerOff,
  unknown: CircleQuestionMark,
} as const

/** How far an own message came. */
export function Ticks({ message: { status } }: { message: Message }) {
  const { t } = useTrunkline()
  const Icon = ICONS[status]
  const label = t(`message.status.${status}`)
  return (
    <span className={`tl-ticks tl-ticks-${status}`} title={label}>
      <Icon size={15} aria-hidden />
      <span className="tl-hidden">{label}</span>
    </span>
  )
}
