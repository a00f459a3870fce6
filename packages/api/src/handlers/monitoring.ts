import type { ResultOf } from '@trunkline/contract'
import type { Handler, Manager } from '../handler.js'
import { refuseUnlessAll } from '../policy.js'
import { onlyVisible, sessionPage } from './sessions.js'

type MonitoringRoute =
  | 'sessionStats'
  | 'sessionTraffic'
  | 'sessionQueues'
  | 'listActiveSessions'
  | 'listConnectedSessions'
  | 'listProblematicSessions'
  | 'sessionHealth'
  | 'listMaintenance'
  | 'updateMaintenance'
  | 'runMaintenance'
  | 'getSessionDetails'
  | 'resetAttempts'
  | 'checkHealth'
  | 'cleanupSession'
  | 'cleanupInactiveSessions'

export function monitoringHandlers(manager: Manager): { [Name in MonitoringRoute]: Handler<Name> } {
  return {
    async sessionStats({ principal }) {
      return { status: 200, body: await manager.stats(onlyVisible(principal)) }
    },
    async sessionTraffic({ query: { sessionId, ...query }, principal }) {
      if (sessionId !== undefined) await manager.get(sessionId)
      const sessions = sessionId === undefined ? onlyVisible(principal) : { ids: [sessionId] }
      return { status: 200, body: { items: await manager.traffic({ ...query, ...sessions }) } }
    },
    async sessionQueues({ principal }) {
      return { status: 200, body: { items: await manager.queues(onlyVisible(principal)) } }
    },
    async listActiveSessions({ query, principal }) {
      return { status: 200, body: await sessionPage(manager, principal, { ...query, filter: 'active' }) }
    },
    async listConnectedSessions({ query, principal }) {
      return { status: 200, body: await sessionPage(manager, principal, { ...query, filter: 'connected' }) }
    },
    async listProblematicSessions({ query, principal }) {
      return { status: 200, body: await sessionPage(manager, principal, { ...query, filter: 'problematic' }) }
    },
    async sessionHealth({ principal }) {
      return { status: 200, body: await manager.healthReport(onlyVisible(principal)) }
    },
    async listMaintenance({ principal }) {
      refuseUnlessAll(principal)
      return { status: 200, body: await maintenanceOf(manager) }
    },
    async updateMaintenance({ body, principal }) {
      refuseUnlessAll(principal)
      await manager.updateMaintenance(body)
      return { status: 200, body: await maintenanceOf(manager) }
    },
    async runMaintenance({ params, principal }) {
      refuseUnlessAll(principal)
      return { status: 200, body: await manager.runMaintenance(params.step) }
    },
    async getSessionDetails({ params }) {
      return { status: 200, body: await manager.details(params.sessionId) }
    },
    async resetAttempts({ params }) {
      return { status: 200, body: await manager.resetAttempts(params.sessionId) }
    },
    async checkHealth({ params }) {
      return { status: 200, body: await manager.healthCheck(params.sessionId) }
    },
    async cleanupSession({ params }) {
      await manager.cleanup(params.sessionId)
      return { status: 204, body: undefined }
    },
    async cleanupInactiveSessions({ principal }) {
      return { status: 200, body: await manager.cleanupInactive(onlyVisible(principal)) }
    },
  }
}

/** What is set comes first, so that the steps are told as they are done by that. */
async function maintenanceOf(manager: Manager): Promise<ResultOf<'listMaintenance'>['body']> {
  const changes = await manager.maintenanceChanges()
  return { items: await manager.maintenance(), ...(changes ? { changes } : {}) }
}
