import {
  HTTP_STATUS,
  namesSession,
  type Problem,
  problemSchema,
  ROUTES,
  type Route,
  type RouteName,
} from '@trunkline/contract'
import { createMemoryStore, type Logger, MultiSessionManager } from '@trunkline/core'
import { expect } from 'vitest'
import { type Api, type Authenticator, createApi, type Principal } from '../src/index.js'
import { expectDeclared } from './support/declared.js'

export const CALLERS: Record<string, Principal> = {
  admin: { userId: 'admin', role: 'admin', sessionIds: '*' },
  operator: { userId: 'operator', role: 'operator', sessionIds: ['own'] },
  viewer: { userId: 'viewer', role: 'viewer', sessionIds: ['own'] },
  tenant: { userId: 'tenant', role: 'admin', sessionIds: ['own'] },
}

/** A host's own login: the name of the caller is the token. */
const authenticator: Authenticator = {
  async authenticate({ headers }) {
    const name = /^Bearer (\w+)$/.exec(String(headers.authorization))?.[1]
    return name === undefined ? undefined : CALLERS[name]
  },
}

export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
}

/** A manager with the sessions `own` and `foreign`, neither of them started. */
export async function createManager(): Promise<MultiSessionManager> {
  const manager = new MultiSessionManager({ store: createMemoryStore(), logger: silent })
  await manager.create({ id: 'own', start: false })
  await manager.create({ id: 'foreign', start: false })
  return manager
}

export function hostApi(manager: MultiSessionManager): Api {
  return createApi(manager, { authenticator, logger: silent })
}

export interface CallOptions {
  as?: string
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** Sends a request to a route. */
export function call(api: Api, name: RouteName, target: string, options: CallOptions = {}): Promise<Answer> {
  return send(api, ROUTES[name].method, target, options)
}

/** Sends a request and checks that the answer, whatever it is, is one that the document allows. */
export async function send(api: Api, method: string, target: string, options: CallOptions = {}): Promise<Answer> {
  const [path = '/', search] = target.split('?')
  const { as, body, headers = {} } = options
  const response = await api.handle({
    method,
    path,
    query: new URLSearchParams(search),
    headers: {
      // So that answers to the same request are the same.
      'x-request-id': 'test',
      ...(as ? { authorization: `Bearer ${as}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    ip: '127.0.0.1',
  })
  const { status, headers: answered, body: content } = response
  if (typeof content === 'object' && !(content instanceof Uint8Array))
    throw new Error('Streams have tests of their own')
  expectDeclared({ method, target, status, headers: answered, body: content })
  const isJson = response.body !== undefined && response.headers['content-type']?.includes('json')
  const answer = { ...response, body: isJson ? JSON.parse(String(response.body)) : response.body }
  if (answer.status >= 400) problemOf(answer)
  return answer
}

export function problemOf(answer: Answer): Problem {
  expect(answer.headers['content-type']).toBe('application/problem+json')
  const problem = problemSchema.parse(answer.body)
  expect(problem).toEqual(answer.body)
  expect(problem.status).toBe(answer.status)
  expect(HTTP_STATUS[problem.code]).toBe(answer.status)
  return problem
}

/** Routes of Trunkline's own login: they are not there with a host's. */
export function isOfOwnLogin({ path }: Route): boolean {
  return /^\/(?:auth|users|keys)\b/.test(path)
}

/** A target and a body that are valid for a route, about the given session. */
export function exampleOf(name: RouteName, sessionId: string): { target: string; body?: unknown } {
  const route: Route = ROUTES[name]
  const path = route.path
    .replace(':sessionId', sessionId)
    .replace(':userId', 'nobody')
    .replace(':keyId', 'none')
    .replace(':nodeId', 'one')
    .replace(':messageId', 'M1')
    .replace(':step', 'reset')
    .replace(':labelId', '7')
    .replace(':webhookId', 'none')
    .replace(':secretId', 'none')
    .replace(':deliveryId', 'none')
    .replace(':contactId', '15550000009')
    .replace(':newsletterId', '120363000000000001%40newsletter')
    .replace(':groupId', '120363000000000001@g.us')
    .replace(':chatId', '15550000009%40s.whatsapp.net')
  const target = namesSession(route) === 'query' ? `${path}?sessionId=${sessionId}` : `${path}${QUERIES[name] ?? ''}`
  return { target, ...(name in BODIES ? { body: BODIES[name] } : {}) }
}

/** Of routes that want one. */
const QUERIES: Partial<Record<RouteName, string>> = { getInvitedGroup: '?code=AbC123' }

const BODIES: Partial<Record<RouteName, unknown>> = {
  createNewsletter: { name: 'The shop', description: 'What is new' },
  updateNewsletter: { name: 'The other shop' },
  setNewsletterPicture: { data: 'AAAA' },
  createLabel: { name: 'New order', color: 3 },
  updateLabel: { name: 'Order' },
  moveSession: { node: 'two' },
  reactToMessage: { emoji: '👍' },
  starMessage: { starred: true },
  voteInPoll: { options: ['today'] },
  respondToEvent: { response: 'going', extraGuests: 1 },
  muteChat: { until: '2099-01-01T00:00:00.000Z' },
  setChatDisappearing: { seconds: 604_800 },
  clearChat: { keepStarred: true },
  sendChatPresence: { state: 'composing' },
  requestChatHistory: { count: 50 },
  editMessage: { text: 'hello!', mentions: ['15550000002'] },
  createWebhook: { url: 'https://receiver.example/hooks', events: ['message'], sessionIds: ['own'] },
  updateWebhook: { url: 'https://receiver.example/hooks', enabled: true },
  redeliverMany: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
  login: { email: 'ada@example.org', password: 'correct horse' },
  refresh: { refreshToken: 'a.b' },
  signOut: { refreshToken: 'a.b' },
  changePassword: { password: 'correct horse', newPassword: 'battery staple' },
  createUser: { name: 'Ben', email: 'ben@example.org', password: 'correct horse', role: 'viewer', sessionIds: ['own'] },
  updateUser: {
    name: 'Ben',
    email: 'b@example.org',
    role: 'viewer',
    sessionIds: [],
    disabled: true,
    password: 'x'.repeat(8),
  },
  createKey: {
    name: 'Shop backend',
    permissions: ['messages:send'],
    sessionIds: ['own'],
    expiresAt: '2099-01-01T00:00:00.000Z',
  },
  createSession: {
    id: 'own',
    label: 'Shop',
    metadata: { team: 'sales' },
    settings: { markOnline: true },
    start: false,
  },
  updateMaintenance: { revision: 0, settings: { healthCheckIntervalMs: 60_000 } },
  updateSession: { label: 'Shop', metadata: { team: 'sales' }, settings: { ignoreGroups: true } },
  checkContacts: { numbers: ['15550000002'] },
  updateProfile: { about: 'At the shop' },
  setProfilePicture: { data: 'AAAA' },
  setGroupPicture: { data: 'AAAA' },
  updateProfilePrivacy: { lastSeen: 'contacts' },
  createGroup: { subject: 'Team', participants: ['15550000002'] },
  updateGroup: { subject: 'The team', description: null, settings: { announce: true, ephemeralSeconds: 0 } },
  addGroupParticipants: { participants: ['15550000002'] },
  removeGroupParticipants: { participants: ['15550000002'] },
  promoteGroupParticipants: { participants: ['15550000002'] },
  demoteGroupParticipants: { participants: ['15550000002'] },
  approveGroupRequests: { participants: ['15550000002'] },
  rejectGroupRequests: { participants: ['15550000002'] },
  joinGroup: { code: 'AbC123' },
  requestPairingCode: { phone: '15550000001' },
  sendBatch: { messages: [{ to: '15550000001', text: 'hello' }] },
  sendMessage: {
    to: '15550000001',
    type: 'text',
    text: 'hello',
    quotedMessageId: 'M1',
    mentions: ['15550000002'],
    clientMessageId: 'c1',
  },
}
