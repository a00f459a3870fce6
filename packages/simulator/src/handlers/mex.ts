import { sendLimitsAnswer } from '../model/send-limits.js'
import { node } from '../wire/node.js'
import { newsletterAnswer } from './newsletters.js'
import type { QueryTable } from './query.js'

/** What is asked and answered in JSON: an account's limits of sending, and channels. */
export const mexHandlers: QueryTable = {
  'w:mex/get/query': (query) => {
    const limits = sendLimitsAnswer(query.party.account.sendLimits, query.child?.attrs.query_id)
    const answer = limits ? { data: limits } : newsletterAnswer(query)
    return [node('result', {}, Buffer.from(JSON.stringify(answer)))]
  },
}
