import type { SendPriority, SendRestriction, WaitingFor } from '../types/queue.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, roomAt, type SendHistory } from './history.js'
import type { PacingLimits } from './limits.js'
import type { Admission } from './pacer.js'
import { quietUntil } from './quiet-hours.js'

/** What low priority leaves of each limit to the others. */
const LOW_SHARE = 0.8
/** What waits for a limit that may end before its time is asked about again after so long. */
const LOOK_AGAIN_MS = 5 * MINUTE_MS

export interface PolicySend {
  chatId: string
  priority: SendPriority
  isNewConversation: boolean
  /** 0 (inclusive) to 1 (exclusive): the same for one message as often as it is asked about. */
  jitter: number
}

export interface PolicyState {
  limits: PacingLimits
  history: SendHistory
  restrictions: readonly SendRestriction[]
  now: number
}

type Wait = Extract<Admission, { kind: 'wait' }>
/** Why it has to wait, in words; the time goes with it. */
interface Reason {
  at: number
  /** When it is over, where it is asked again before. */
  until?: number
  holds: Wait['holds']
  code: string
  message: string
}

/** When a message may go: `undefined` for now, else the reason that holds it back longest. */
export function waitFor(send: PolicySend, state: PolicyState): Wait | undefined {
  const reasons = reasonsOf(send, state).filter(({ at }) => at > state.now)
  // What holds back all of the session counts before what holds back one chat.
  const ofSession = reasons.filter(({ holds }) => holds === 'session')
  const last = (ofSession.length > 0 ? ofSession : reasons).reduce<Reason | undefined>(
    (latest, reason) => (latest && latest.at >= reason.at ? latest : reason),
    undefined,
  )
  if (!last) return undefined
  const { at, until = at, holds, code, message } = last
  const waitingFor: WaitingFor = { code, message, until: new Date(until).toISOString() }
  return { kind: 'wait', at, holds, waitingFor }
}

function reasonsOf(send: PolicySend, state: PolicyState): Reason[] {
  return [...restrictionReasons(send, state), ...budgetReasons(send, state), ...pauseReasons(send, state)]
}

function restrictionReasons({ isNewConversation }: PolicySend, { restrictions, now }: PolicyState): Reason[] {
  return restrictions.flatMap(({ code, until }): Reason[] => {
    const at = until === undefined ? now + HOUR_MS : Date.parse(until)
    if (code === 'RATE_LIMITED') return [{ at, holds: 'session', code, message: 'WhatsApp asked to send more slowly' }]
    const message =
      code === 'NEW_CHAT_CAP'
        ? 'WhatsApp lets this account begin no more conversations for now; answers go on'
        : 'WhatsApp lets this account begin no conversations for a while; answers go on'
    // WhatsApp may take it back before its time.
    return isNewConversation ? [{ at: Math.min(at, now + LOOK_AGAIN_MS), until: at, holds: 'chat', code, message }] : []
  })
}

function budgetReasons(send: PolicySend, { limits, history, now }: PolicyState): Reason[] {
  const share = send.priority === 'low' ? LOW_SHARE : 1
  const of = (max: number) => (share === 1 ? max : Math.ceil(max * share))
  // A message of low priority that waits for the rest of a limit holds up nobody who may use it.
  const holds = share === 1 ? 'session' : 'chat'
  const windows = [
    ['PACING_MINUTE', limits.perMinute, MINUTE_MS, 'minute'],
    ['PACING_HOUR', limits.perHour, HOUR_MS, 'hour'],
    ['PACING_DAY', limits.perDay, DAY_MS, 'day'],
  ] as const
  const reasons = windows.map(
    ([code, max, windowMs, name]): Reason => ({
      at: roomAt(history.sent, { max: of(max), windowMs, now }),
      holds,
      code,
      message: `As many messages were sent within a ${name} as may be: ${of(max)}`,
    }),
  )
  if (!send.isNewConversation) return reasons
  const max = of(limits.newChatsPerDay)
  const at = roomAt(history.newChats, { max, windowMs: DAY_MS, now })
  const message = `As many conversations were begun within a day as may be: ${max}; answers go on`
  return [...reasons, { at, holds: 'chat', code: 'PACING_NEW_CHATS', message }]
}

function pauseReasons({ chatId, jitter }: PolicySend, { limits, history, now }: PolicyState): Reason[] {
  const { chatGapMs, quietHours } = limits
  const last = history.lastOfChat.get(chatId)
  const [least, most] = chatGapMs
  const gap: Reason[] =
    last === undefined
      ? []
      : [
          {
            at: last + least + Math.round((most - least) * jitter),
            holds: 'chat',
            code: 'PACING_CHAT_GAP',
            message: 'The last message to this chat was a moment ago',
          },
        ]
  const quiet = quietHours && quietUntil(quietHours, now)
  if (quiet === undefined) return gap
  return [...gap, { at: quiet, holds: 'session', code: 'PACING_QUIET_HOURS', message: 'It is quiet hours' }]
}
