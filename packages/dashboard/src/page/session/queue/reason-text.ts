import type { Queue } from '../../../react/types.js'
import type { useSessionTexts } from '../../texts/use-texts.js'

const CODES = [
  'QUEUE_PAUSED',
  'SESSION_NOT_CONNECTED',
  'REACHOUT_TIMELOCK',
  'NEW_CHAT_CAP',
  'RATE_LIMITED',
  'PACING_MINUTE',
  'PACING_HOUR',
  'PACING_DAY',
  'PACING_NEW_CHATS',
  'PACING_CHAT_GAP',
  'PACING_QUIET_HOURS',
] as const

type Reason = NonNullable<Queue['waitingFor']>

/** What holds messages back, in the language that is spoken; of a code that is not known what the server says. */
export function reasonText({ code, message }: Pick<Reason, 'code' | 'message'>, t: ReturnType<typeof useSessionTexts>) {
  const known = CODES.find((each) => each === code)
  return known === undefined ? message : t(`queue.reason.${known}`)
}
