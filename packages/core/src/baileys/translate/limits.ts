import type { BaileysEventMap, ReachoutTimelockState } from '@whiskeysockets/baileys'
import type { ConnectionEvent } from '../../ports/connector.js'

type LimitEvent = Extract<ConnectionEvent, { type: 'limit' }>

/** The account may begin no conversations for a while, or may again. */
export function toReachOutLimit({ isActive = false, timeEnforcementEnds }: ReachoutTimelockState): LimitEvent {
  const until = timeEnforcementEnds?.getTime()
  const isKnown = until !== undefined && !Number.isNaN(until)
  return { type: 'limit', code: 'REACHOUT_TIMELOCK', active: isActive, ...(isActive && isKnown ? { until } : {}) }
}

/** The account has begun as many conversations as it may, or not yet. Times are seconds, as texts. */
export function toNewChatCap(info: BaileysEventMap['message-capping.update']): LimitEvent {
  const active = info.capping_status === 'CAPPED'
  const until = Number(info.cycle_end_timestamp) * 1_000
  return { type: 'limit', code: 'NEW_CHAT_CAP', active, ...(active && until > 0 ? { until } : {}) }
}
