import { boundedPage } from '../bounded-page.js'
import type { Handler, Manager } from '../handler.js'
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
      const items = await manager.session(params.sessionId).messages.sendBatch(body.messages)
      const shown = items.map((item) => ('error' in item ? { ...item, error: toProblem(item.error) } : item))
      return { status: 202, body: { items: shown } }
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
