import { LIMITS } from '@trunkline/contract'
import type { AuditEntry, AuditStore } from '@trunkline/core/store'
import type { Principal } from '../auth/authenticator.js'
import type { Handler } from '../handler.js'
import { maySee } from '../policy.js'

/** Present only on a store that keeps an audit log. */
export function auditHandlers(audit: AuditStore): { listAudit: Handler<'listAudit'> } {
  return {
    async listAudit({ principal, query }) {
      const { limit = LIMITS.page.default, from, to, ...filters } = query
      const page = await audit.list({
        ...filters,
        limit,
        // As they are kept, so that they compare as text.
        ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
        ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
      })
      const items = page.items.filter((entry) => concerns(principal, entry)) as AuditPage['items']
      return { status: 200, body: { ...page, items } }
    },
  }
}

type AuditPage = Extract<Awaited<ReturnType<Handler<'listAudit'>>>, { body: unknown }>['body']

/** Who sees some sessions only sees what was about those, and what they did themselves. */
function concerns(principal: Principal, { sessionId, userId }: AuditEntry): boolean {
  if (principal.sessionIds === '*') return true
  return sessionId === undefined ? userId === principal.userId : maySee(principal, sessionId)
}
