import { LIMITS } from '@trunkline/contract'
import { countWithin } from '../bounded-page.js'
import type { Handler, Manager } from '../handler.js'

export function eventHandlers(manager: Manager): { listEvents: Handler<'listEvents'> } {
  return {
    async listEvents({ query }) {
      const { sessionId, after = 0, limit = LIMITS.page.default } = query
      const { events, gap } = await manager.events(sessionId, { after, limit })
      const items = events.slice(0, countWithin(events))
      const isCut = items.length < events.length || events.length === limit
      const last = items.at(-1)
      const nextCursor = last && isCut ? String(last.event.seq) : undefined
      return { status: 200, body: { items, ...(nextCursor ? { nextCursor } : {}), gap } }
    },
  }
}
