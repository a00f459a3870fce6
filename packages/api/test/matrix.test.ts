import {
  namesSession,
  type Permission,
  type Problem,
  problemSchema,
  ROLES,
  ROUTES,
  type Role,
  type Route,
  type RouteName,
} from '@trunkline/contract'
import type { MultiSessionManager } from '@trunkline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Api } from '../src/index.js'
import { type Answer, call, createManager, exampleOf, hostApi, isOfOwnLogin, problemOf } from './harness.js'

// Generated from the route table: a new route is in here by itself.
const routes = Object.entries(ROUTES) as [RouteName, Route][]
const hosted = routes.filter(([, route]) => !isOfOwnLogin(route))
const aboutSessions = hosted.filter(([, route]) => namesSession(route))
const guarded = hosted.filter(([, { access }]) => access !== 'public')

let manager: MultiSessionManager
let api: Api

beforeAll(async () => {
  manager = await createManager()
  api = hostApi(manager)
})
afterAll(() => manager.close())

describe("somebody else's session", () => {
  it.each(aboutSessions)('does not exist for %s', async (name) => {
    for (const as of ['viewer', 'operator', 'tenant']) {
      const foreign = exampleOf(name, 'foreign')
      const missing = exampleOf(name, 'missing')
      const answer = await call(api, name, foreign.target, { as, body: foreign.body })
      const other = await call(api, name, missing.target, { as, body: missing.body })
      expect(problemOf(answer).code).toBe('SESSION_NOT_FOUND')
      expect(JSON.stringify(answer).replaceAll('foreign', 'missing')).toBe(JSON.stringify(other))
    }
  })

  it('is in no list and no total', async () => {
    for (const [name] of hosted.filter(([, { path }]) => /^\/sessions(\/\w+)?$/.test(path))) {
      if (ROUTES[name].method !== 'GET') continue
      const answer = await call(api, name, ROUTES[name].path, { as: 'viewer' })
      expect(JSON.stringify(answer.body)).not.toContain('foreign')
    }
    const stats = await call(api, 'sessionStats', '/sessions/stats', { as: 'viewer' })
    expect(stats.body).toMatchObject({ total: 1 })
    const at = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString()
    await manager.store.traffic?.add([{ sessionId: 'foreign', at, sent: 1, received: 1, failed: 1 }])
    const traffic = await call(api, 'sessionTraffic', '/sessions/stats/traffic', { as: 'viewer' })
    expect(traffic.body).toEqual({ items: [] })
    const queued = { kind: 'send:foreign', key: '1', payload: {}, dueAt: at, enqueuedAt: at }
    await manager.store.jobs?.enqueue([queued])
    const queues = await call(api, 'sessionQueues', '/sessions/stats/queues', { as: 'viewer' })
    expect(queues.body).toEqual({ items: [] })
    await manager.store.jobs?.cancel(queued, { at })
  })

  it('cannot be made by its id', async () => {
    for (const body of [{ id: 'foreign', start: false }, { id: 'new', start: false }, { start: false }]) {
      const answer = await call(api, 'createSession', '/sessions', { as: 'operator', body })
      expect(problemOf(answer).code).toBe('FORBIDDEN')
    }
  })
})

describe('roles', () => {
  it.each(guarded.filter(([, { access }]) => !allows('viewer', access)))('a viewer is refused %s', async (name) => {
    const { target, body } = exampleOf(name, 'own')
    expect(problemOf(await call(api, name, target, { as: 'viewer', body })).code).toBe('FORBIDDEN')
  })

  it.each(guarded.filter(([, { access }]) => !allows('operator', access)))(
    'an operator is refused %s',
    async (name) => {
      const { target, body } = exampleOf(name, 'own')
      expect(problemOf(await call(api, name, target, { as: 'operator', body })).code).toBe('FORBIDDEN')
    },
  )

  it.each(guarded.filter(([, { access }]) => access.startsWith('system:')))(
    'an admin of some sessions is refused what is about all of them: %s',
    async (name) => {
      const { target, body } = exampleOf(name, 'own')
      expect(problemOf(await call(api, name, target, { as: 'tenant', body })).code).toBe('FORBIDDEN')
    },
  )

  it.each(guarded.filter(([, { access }]) => allows('viewer', access)))('a viewer may %s', async (name) => {
    const { target } = exampleOf(name, 'own')
    const answer = await call(api, name, target, { as: 'viewer' })
    if (answer.status >= 400)
      expect(['MESSAGE_NOT_FOUND', 'CHAT_NOT_FOUND', 'CONTACT_NOT_FOUND', 'SESSION_NOT_CONNECTED']).toContain(
        problemOf(answer).code,
      )
  })
})

describe('without a login', () => {
  it.each(guarded)('%s is refused', async (name) => {
    const { target, body } = exampleOf(name, 'own')
    const proofs: Record<string, string>[] = [{}, { authorization: 'Bearer nobody' }, { 'x-api-key': 'key' }]
    for (const headers of proofs) {
      const answer = await call(api, name, target, { body, headers })
      expect(problemOf(answer).code).toBe('UNAUTHENTICATED')
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })
})

describe('bad input', () => {
  const withBody = hosted.filter(([, { body }]) => body)

  it.each(hosted)('%s refuses a field it does not know, in query and body', async (name, route) => {
    const { target, body } = exampleOf(name, 'own')
    const separator = target.includes('?') ? '&' : '?'
    const query = await call(api, name, `${target}${separator}colour=red`, { as: 'admin', body })
    expect(problemOf(query).errors).toEqual([{ field: 'colour', message: 'is not known' }])
    if (route.method === 'GET') return
    const extra = await call(api, name, target, { as: 'admin', body: { ...(body as object), $where: '1' } })
    expect(problemOf(extra).errors).toEqual([{ field: '$where', message: 'is not known' }])
  })

  it.each(withBody)('%s refuses an operator object in every field, by name', async (name, route) => {
    const { target, body } = exampleOf(name, 'own')
    // Each message of a batch is answered by itself.
    const problemIn = (answer: Answer) =>
      answer.status === 202 && name === 'sendBatch'
        ? { code: errorOfOne(answer).code, errors: [{ field: 'messages' }] }
        : problemOf(answer)
    for (const field of fieldsOf(route)) {
      for (const value of [{ $gt: '' }, [{ $ne: null }], { $regex: '.*' }]) {
        const answer = await call(api, name, target, { as: 'admin', body: { ...(body as object), [field]: value } })
        const { code, errors = [] } = problemIn(answer)
        expect(code).toBe('VALIDATION_FAILED')
        expect(errors.length).toBeGreaterThan(0)
        for (const error of errors) expect(error.field.split('.')[0]).toBe(field)
      }
    }
  })

  it.each(hosted.filter(([, { query }]) => query))(
    '%s refuses an operator in every query field',
    async (name, route) => {
      const { target } = exampleOf(name, 'own')
      const path = target.split('?')[0]
      for (const field of Object.keys(route.query?.shape ?? {})) {
        const operator = await call(api, name, `${path}?${field}[$gt]=`, { as: 'admin' })
        expect(problemOf(operator).code).toBe('VALIDATION_FAILED')
        const repeated = await call(api, name, `${path}?${field}=1&${field}=2`, { as: 'admin' })
        expect(problemOf(repeated).errors).toContainEqual({ field, message: 'is given more than once' })
      }
    },
  )

  it.each(withBody)('%s refuses what is no JSON object', async (name) => {
    const { target } = exampleOf(name, 'own')
    const broken = await call(api, name, target, { as: 'admin', body: '{"a":' })
    expect(problemOf(broken).errors).toEqual([{ field: 'body', message: 'is not JSON' }])
    for (const body of ['null', '[]', '"text"', '42']) {
      expect(problemOf(await call(api, name, target, { as: 'admin', body })).code).toBe('VALIDATION_FAILED')
    }
    const form = { as: 'admin', body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    expect(problemOf(await call(api, name, target, form)).code).toBe('UNSUPPORTED_MEDIA_TYPE')
  })

  it.each(aboutSessions.filter(([, route]) => namesSession(route) === 'params'))(
    '%s refuses a session id that cannot be one',
    async (name) => {
      const { target, body } = exampleOf(name, encodeURIComponent('../own'))
      const answer = await call(api, name, target, { as: 'admin', body })
      expect(problemOf(answer).errors?.[0]?.field).toBe('sessionId')
    },
  )

  it.each(hosted)('%s refuses to answer in a media type that it does not have', async (name) => {
    const { target, body } = exampleOf(name, 'own')
    const answer = await call(api, name, target, { as: 'admin', body, headers: { accept: 'audio/ogg' } })
    expect(problemOf(answer).code).toBe('NOT_ACCEPTABLE')
  })
})

function fieldsOf({ body }: Route): string[] {
  return body?.json instanceof z.ZodObject ? Object.keys(body.json.shape) : []
}

function allows(role: Role, access: Route['access']): boolean {
  return access === 'signed-in' || ROLES[role].includes(access as Permission)
}

function errorOfOne({ body }: Answer): Problem {
  const { items } = body as { items: { error: Problem }[] }
  expect(items).toHaveLength(1)
  return problemSchema.parse(items[0]?.error)
}
