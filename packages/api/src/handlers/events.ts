import { LIMITS } from '@trunkline/contract'
import type { Handler, Manager } from '../handler.js'

export function eventHandlers(manager: Manager): { listEvents: Handler<'listEvents'> } {
  return {
    async listEvents({ query }) {
      const { sessionId, after = 0, limit = LIMITS.page.default } = query
      const { events, gap } = await manager.events(sessionId, { after, limit })
      const last = events.at(-1)
      const nextCursor = last && events.length === limit ? String(last.event.seq) : undefined
      return { status: 200, body: { items: events, ...(nextCursor ? { nextCursor } : {}), gap } }
    },
  }
}
