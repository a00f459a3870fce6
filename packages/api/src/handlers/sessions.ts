import { TrunklineError } from '@trunkline/core'
import type { Principal } from '../auth/authenticator.js'
import { boundedPage } from '../bounded-page.js'
import type { Handler, Manager } from '../handler.js'
import { mayCreate } from '../policy.js'
import { qrPng, qrSvg } from '../qr-image.js'

type SessionRoute =
  | 'createSession'
  | 'listSessions'
  | 'getSession'
  | 'updateSession'
  | 'deleteSession'
  | 'startSession'
  | 'stopSession'
  | 'restartSession'
  | 'logoutSession'
  | 'getQr'
  | 'requestPairingCode'

export function sessionHandlers(manager: Manager): { [Name in SessionRoute]: Handler<Name> } {
  return {
    async createSession({ body, principal }) {
      if (!mayCreate(principal, body.id)) {
        throw new TrunklineError('FORBIDDEN', {
          message: 'Only the sessions given to you can be made: name one by its id',
        })
      }
      return { status: 201, body: await manager.create(body) }
    },
    async listSessions({ query, principal }) {
      const { q, metadata, ...rest } = query
      const wanted = { ...rest, ...(q ? { text: q } : {}), ...(metadata ? { metadata: pairOf(metadata) } : {}) }
      return { status: 200, body: await sessionPage(manager, principal, wanted) }
    },
    async getSession({ params }) {
      return { status: 200, body: await manager.get(params.sessionId) }
    },
    async updateSession({ params, body }) {
      return { status: 200, body: await manager.update(params.sessionId, body) }
    },
    async deleteSession({ params }) {
      await manager.delete(params.sessionId)
      return { status: 204, body: undefined }
    },
    async startSession({ params }) {
      return { status: 200, body: await manager.startSession(params.sessionId) }
    },
    async stopSession({ params }) {
      return { status: 200, body: await manager.stopSession(params.sessionId) }
    },
    async restartSession({ params }) {
      return { status: 200, body: await manager.restartSession(params.sessionId) }
    },
    async logoutSession({ params }) {
      return { status: 200, body: await manager.logoutSession(params.sessionId) }
    },
    async getQr({ params, mediaType }) {
      const qr = await manager.qr(params.sessionId)
      if (mediaType === 'image/png') return { status: 200, content: await qrPng(qr.qr) }
      if (mediaType === 'image/svg+xml') return { status: 200, content: await qrSvg(qr.qr) }
      return { status: 200, body: qr }
    },
    async requestPairingCode({ params, body }) {
      return { status: 200, body: await manager.requestPairingCode(params.sessionId, body) }
    },
  }
}

type SessionQuery = NonNullable<Parameters<Manager['list']>[0]>

/** A page of the caller's sessions; large ones are fewer. */
export function sessionPage(manager: Manager, principal: Principal, query: SessionQuery) {
  const read = (limit?: number) => manager.list({ ...query, ...onlyVisible(principal), ...(limit ? { limit } : {}) })
  return boundedPage(read, query.limit)
}

/** Narrows a list or a total to the caller's sessions. */
export function onlyVisible({ sessionIds }: Principal): { ids?: readonly string[] } {
  return sessionIds === '*' ? {} : { ids: sessionIds }
}

/** `team=sales`: everything behind the first `=` is the value. */
function pairOf(text: string): Record<string, string> {
  const at = text.indexOf('=')
  return { [text.slice(0, at)]: text.slice(at + 1) }
}
