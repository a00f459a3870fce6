import { sendMessageSchema } from '@trunkline/contract'
import { type BatchItem, type SendRequest, TrunklineError } from '@trunkline/core'
import { boundedPage } from '../bounded-page.js'
import type { Handler, Manager } from '../handler.js'
import { parse } from '../input.js'
import { toProblem } from '../problem.js'

type QueueRoute =
  | 'sendBatch'
  | 'cancelMessage'
  | 'getQueue'
  | 'listQueuedMessages'
  | 'pauseQueue'
  | 'resumeQueue'
  | 'clearQueue'

/** What is sent later, or in its turn. */
export function queueHandlers(manager: Manager): { [Name in QueueRoute]: Handler<Name> } {
  const queueOf = ({ sessionId }: { sessionId: string }) => manager.session(sessionId).queue
  return {
    async sendBatch({ params, body }) {
      const judged = body.messages.map((given) => judge(given()))
      const good = judged.flatMap((one) => ('message' in one ? [one.message] : []))
      const queued = (await sendAll(manager, params.sessionId, good)).values()
      const items = judged.map((one, index) => {
        const came = 'error' in one ? one : (queued.next().value ?? { error: new TrunklineError('INTERNAL') })
        return 'error' in came ? { index, error: toProblem(came.error) } : { index, message: came.message }
      })
      return { status: 202, body: { items } }
    },
    async cancelMessage({ params, query }) {
      const { messages } = manager.session(params.sessionId)
      return { status: 200, body: await messages.cancel({ id: params.messageId, ...query }) }
    },
    async getQueue({ params }) {
      return { status: 200, body: await queueOf(params).get() }
    },
    async listQueuedMessages({ params, query }) {
      const page = (limit: number | undefined) =>
        queueOf(params).list({ ...query, ...(limit === undefined ? {} : { limit }) })
      return { status: 200, body: await boundedPage(page, query.limit) }
    },
    async pauseQueue({ params }) {
      return { status: 200, body: await queueOf(params).pause() }
    },
    async resumeQueue({ params }) {
      return { status: 200, body: await queueOf(params).resume() }
    },
    async clearQueue({ params }) {
      return { status: 200, body: await queueOf(params).clear() }
    },
  }
}

/** A message, or what is wrong with it. */
function judge(given: unknown): { message: SendRequest } | { error: TrunklineError } {
  try {
    return { message: parse(sendMessageSchema, given, 'message') as SendRequest }
  } catch (error) {
    if (TrunklineError.is(error)) return { error }
    throw error
  }
}

async function sendAll(manager: Manager, sessionId: string, messages: SendRequest[]): Promise<BatchItem[]> {
  if (messages.length > 0) return manager.session(sessionId).messages.sendBatch(messages)
  // Of a session that is not there nothing else is told.
  await manager.get(sessionId)
  return []
}
