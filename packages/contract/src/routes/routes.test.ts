import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  type BodyOf,
  errorCodesOf,
  type FormBody,
  LIMITS,
  namesSession,
  PERMISSIONS,
  type QueryOf,
  type ResultOf,
  ROLES,
  ROUTES,
  type Role,
  type Route,
  type sendFileFields,
  type sendMessageSchema,
} from '../index.js'
import type { FieldsOf } from './index.js'

const routes: [string, Route][] = Object.entries(ROUTES)

describe('the route table', () => {
  it("has the owner's routes in their exact form", () => {
    const table = routes.map(([, { method, path }]) => `${method} ${path}`)
    expect(table).toEqual(
      expect.arrayContaining([
        'POST /sessions',
        'GET /sessions',
        'DELETE /sessions/:sessionId',
        'GET /sessions/stats',
        'GET /sessions/active',
        'GET /sessions/connected',
        'GET /sessions/problematic',
        'GET /sessions/:sessionId/details',
        'POST /sessions/:sessionId/reset-attempts',
        'POST /sessions/:sessionId/health-check',
        'DELETE /sessions/:sessionId/cleanup',
        'POST /sessions/cleanup-inactive',
        'POST /sessions/:sessionId/messages',
        'GET /sessions/:sessionId/messages',
        'GET /sessions/:sessionId/chats',
      ]),
    )
    expect(new Set(table).size).toBe(table.length)
  })

  it.each(routes)('%s names its parameters once, in path and schema', (_, route) => {
    const inPath = [...route.path.matchAll(/:(\w+)/g)].map((match) => match[1])
    expect(Object.keys(route.params?.shape ?? {}).toSorted()).toEqual(inPath.toSorted())
  })

  it('lets a body be left out of the actions on a chat that may say nothing in it, and nowhere else', () => {
    const optional = routes.flatMap(([name, { body }]) => (body?.optional ? [{ name, json: body.json }] : []))
    expect(optional.map(({ name }) => name)).toEqual(['muteChat', 'clearChat', 'requestChatHistory'])
    for (const { json } of optional) expect(json?.safeParse({}).success).toBe(true)
  })

  it('reserves every fixed word that stands where a session id could', () => {
    const fixed = routes.map(([, { path }]) => /^\/sessions\/([^/:]+)$/.exec(path)?.[1]).filter(Boolean)
    expect([...LIMITS.sessionId.reserved].toSorted()).toEqual(fixed.toSorted())
  })

  it('answers 404 for a session wherever one is named, and 401 and 403 wherever a login is needed', () => {
    expect(errorCodesOf(ROUTES.getSession)).toEqual(
      expect.arrayContaining(['SESSION_NOT_FOUND', 'UNAUTHENTICATED', 'FORBIDDEN']),
    )
    expect(errorCodesOf(ROUTES.version)).not.toContain('UNAUTHENTICATED')
    expect(namesSession(ROUTES.listEvents)).toBe('query')
    expect(namesSession(ROUTES.listSessions)).toBeUndefined()
  })

  it('lets each role do what it always could', () => {
    const allowed = (role: Role) =>
      routes
        .filter(([, { access }]) => access === 'signed-in' || ROLES[role].some((permission) => permission === access))
        .map(([name]) => name)
    const readGroups = ['listGroups', 'getGroup']
    const readContacts = [
      ...['listContacts', 'getContact', 'getContactPicture', 'getContactPictureFile'],
      ...['getContactAbout', 'getContactBusiness'],
    ]
    const readPeople = [...readGroups, ...readContacts, 'listBlockedContacts', 'getProfile', 'getProfilePrivacy']
    const people = routes
      .map(([name]) => name)
      .filter((name) => /Group|Contact|Profile/i.test(name) && !readPeople.includes(name))
    const labels = routes.map(([name]) => name).filter((name) => /Label|label/.test(name) && name !== 'listLabels')
    const read = [
      'me',
      'changePassword',
      'listSessions',
      'sessionStats',
      'sessionTraffic',
      'sessionQueues',
      'listActiveSessions',
      'listConnectedSessions',
    ]
    const readToo = ['listProblematicSessions', 'getSession', 'getSessionDetails', 'listMessages', 'getMessage']
    const viewer = [
      ...read,
      ...readToo,
      'getMessageMedia',
      'getQueue',
      'listQueuedMessages',
      'listChats',
      'getChat',
      'listChatMessages',
      'listLabels',
      'listEvents',
      'listNewsletters',
      'getNewsletter',
      'sessionHealth',
      ...readPeople,
    ]
    const manage = ['createSession', 'updateSession', 'deleteSession', 'startSession', 'stopSession', 'restartSession']
    const manageToo = ['logoutSession', 'getQr', 'requestPairingCode', 'resetAttempts', 'checkHealth', 'sendMessage']
    const act = [
      'reactToMessage',
      'voteInPoll',
      'respondToEvent',
      'editMessage',
      'deleteMessage',
      'starMessage',
      'sendBatch',
      'cancelMessage',
      'pauseQueue',
      'resumeQueue',
      'clearQueue',
      'sendChatPresence',
      'setChatDisappearing',
      'requestChatHistory',
    ]
    const manageChats = ['read', 'unread', 'archive', 'unarchive', 'pin', 'unpin', 'mute', 'unmute', 'clear', 'delete']
    act.push(...manageChats.map((verb) => `${verb}Chat`))
    const manageChannels = ['create', 'update', 'delete', 'follow', 'unfollow', 'mute', 'unmute']
    act.push(...manageChannels.map((verb) => `${verb}Newsletter`))
    act.push('setNewsletterPicture', 'removeNewsletterPicture')
    const operator = [...viewer, ...manage, ...manageToo, ...act, 'cleanupInactiveSessions', ...people, ...labels]
    const webhooks = [
      'listWebhooks',
      'createWebhook',
      'getWebhook',
      'updateWebhook',
      'deleteWebhook',
      'testWebhook',
      'createWebhookSecret',
      'deleteWebhookSecret',
      'listWebhookDeliveries',
      'redeliver',
      'redeliverMany',
    ]
    const keys = ['listKeys', 'createKey', 'deleteKey']
    const admin = [
      'cleanupSession',
      'listUsers',
      'createUser',
      'getUser',
      'updateUser',
      'deleteUser',
      'listAudit',
      ...keys,
      ...webhooks,
    ]
    const system = ['listMaintenance', 'updateMaintenance', 'runMaintenance', 'listNodes', 'drainNode', 'moveSession']
    expect(allowed('viewer').toSorted()).toEqual(viewer.toSorted())
    expect(allowed('operator').toSorted()).toEqual(operator.toSorted())
    expect(allowed('admin').toSorted()).toEqual([...operator, ...admin, ...system].toSorted())
    expect(ROLES.viewer.every((permission) => permission.endsWith(':read'))).toBe(true)
    expect(ROLES.admin).toEqual(PERMISSIONS)
  })

  it('types what goes in and what comes out', () => {
    expectTypeOf<BodyOf<'sendMessage'>>().toEqualTypeOf<
      z.output<typeof sendMessageSchema> | z.output<typeof sendFileFields>
    >()
    expectTypeOf<QueryOf<'listEvents'>['after']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<ResultOf<'sendMessage'>['status']>().toEqualTypeOf<201 | 202>()
    const [text, count] = [z.object({ text: z.string() }), z.object({ count: z.string().transform(Number) })]
    type Form = { form: { fields: typeof count; file: FormBody['file'] } }
    expectTypeOf<FieldsOf<Form>>().toEqualTypeOf<{ count: number }>()
    expectTypeOf<FieldsOf<Form & { json: typeof text }>>().toEqualTypeOf<{ count: number } | { text: string }>()
    expectTypeOf<FieldsOf<{ bytes: { mediaTypes: []; maxBytes: 1 } }>>().toEqualTypeOf<Record<string, never>>()
    expectTypeOf<ResultOf<'deleteSession'>>().toEqualTypeOf<{ status: 204; body: undefined }>()
  })
})
