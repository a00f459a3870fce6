/** What WhatsApp limits of an account's sending; times in seconds since 1970. */
export interface SendLimits {
  /** It may begin no conversation until then. */
  reachOutLockedUntil?: number
  /** It may begin so many conversations in a cycle, and has begun so many. */
  newChats?: { total: number; used: number; cycleEnds: number }
}

/** The queries that Baileys asks by; their answers are told apart by their paths. */
const REACHOUT_QUERY = '23983697327930364'
const CAP_QUERY = '24503548349331633'

/** The answer to a query of the account's limits; nothing for another query. */
export function sendLimitsAnswer(limits: SendLimits | undefined, queryId: string | undefined): object | undefined {
  if (queryId === REACHOUT_QUERY) return { xwa2_fetch_account_reachout_timelock: reachOutOf(limits) }
  if (queryId === CAP_QUERY) return { xwa2_message_capping_info: capOf(limits) }
  return undefined
}

export function reachOutOf({ reachOutLockedUntil: until }: SendLimits = {}): object {
  const ends = until === undefined ? {} : { time_enforcement_ends: String(until) }
  return { is_active: until !== undefined, ...ends, enforcement_type: 'DEFAULT' }
}

export function capOf({ newChats }: SendLimits = {}): object {
  if (!newChats) return { capping_status: 'NONE' }
  const { total, used, cycleEnds } = newChats
  return {
    total_quota: total,
    used_quota: used,
    cycle_end_timestamp: String(cycleEnds),
    capping_status: used >= total ? 'CAPPED' : 'NONE',
  }
}
