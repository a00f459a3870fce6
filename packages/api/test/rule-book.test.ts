import { LIMITS, type Problem, ROUTES, type Route, type RouteName } from '@trunkline/contract'
import { type MultiSessionManager, TrunklineError } from '@trunkline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Api } from '../src/index.js'
import { createManager, hostApi, send } from './harness.js'

// One table of inputs, tried in process and over HTTP: both must say the same of the same fields. The values are made from the
// limits, so that what is added to a field of the table is tried on both sides of its limit.

const HALF_EMOJI = '👍'.slice(0, 1)
// What is beyond 100,000 is a number of bytes of a file, and no length of a text.
const lengths = numbersOf(LIMITS)
  .filter((limit) => limit <= 100_000)
  .flatMap((limit) => [limit, limit + 1])
const TEXTS = [
  ...['', ' ', 'a', ' a ', 'a b', 'a\n', 'ü', '../a', '__proto__', HALF_EMOJI, `a${HALF_EMOJI}`, '42', 'true', 'text'],
  ...['15550000001', '+1 (555) 000-0001', '200000000000001@lid', 'http://proxy.example', 'ftp://proxy.example'],
  ...['individual', 'image', '2026-11-28T12:00:00.000Z', '0x10', '1e1', ...LIMITS.sessionId.reserved],
  ...[...new Set(lengths)].map((length) => 'x'.repeat(length)),
]
const NUMBERS = [-1, 0, 1, 1.5, ...lengths]
const OBJECTS = [
  ...[{}, { $gt: '' }, { a: 'b' }, { 'a b': 'c' }, { a: 1 }, { a: HALF_EMOJI }, { [HALF_EMOJI]: 'a' }],
  ...[{ constructor: 'a' }, JSON.parse('{"__proto__":"x"}'), { length: '1' }, { a: null }],
  ...lengths.map((length) => ({ ['k'.repeat(Math.min(length, 200))]: 'v', long: 'v'.repeat(Math.min(length, 2_000)) })),
  ...[LIMITS.metadata.maxEntries, LIMITS.metadata.maxEntries + 1].map((count) => manyFields(count)),
  ...[{ type: 'all' }, { limit: 1 }, { type: 'some', limit: 1 }, { type: 'all', limit: 1, extra: 1 }],
  ...[-1, 0, 1.5, LIMITS.settings.maxPreload, LIMITS.settings.maxPreload + 1, '1'].map((limit) => ({
    type: 'all',
    limit,
  })),
  ...[{ markOnline: 'yes' }, { unknown: 1 }, { deviceName: '' }, { preload: { type: 'all', limit: 1 } }],
]
const LISTS = [
  [],
  ['a'],
  [1],
  ['15550000001'],
  ['15550000001', null],
  Array.from({ length: 1_025 }, () => '15550000001'),
]
const JSON_VALUES: unknown[] = [null, true, false, ...NUMBERS, ...TEXTS, ...OBJECTS, ...LISTS]

const GROUP = '120363000000000001@g.us'

interface Operation {
  name: RouteName
  path: string
  /** Right in every part. */
  input: Record<string, unknown>
  call(manager: MultiSessionManager, input: never): Promise<unknown>
}

const WITH_BODY: Operation[] = [
  {
    name: 'createSession',
    path: '/sessions',
    input: { start: false },
    call: (manager, input) => manager.create(input),
  },
  { name: 'updateSession', path: '/sessions/own', input: {}, call: (manager, input) => manager.update('own', input) },
  {
    name: 'sendMessage',
    path: '/sessions/own/messages',
    input: { to: '15550000001', text: 'hello' },
    call: (manager, input) => manager.send('own', input),
  },
  {
    name: 'createGroup',
    path: '/sessions/own/groups',
    input: { subject: 'Team', participants: ['15550000001'] },
    call: (manager, input) => manager.session('own').groups.create(input),
  },
  {
    name: 'updateGroup',
    path: `/sessions/own/groups/${GROUP}`,
    input: { subject: 'Team' },
    call: (manager, input) => manager.session('own').groups.update(GROUP, input),
  },
  {
    name: 'updateProfile',
    path: '/sessions/own/profile',
    input: { about: 'here' },
    call: (manager, input) => manager.session('own').profile.update(input),
  },
  {
    name: 'updateProfilePrivacy',
    path: '/sessions/own/profile/privacy',
    input: { online: 'all' },
    call: (manager, input) => manager.session('own').profile.updatePrivacy(input),
  },
  {
    name: 'updateMaintenance',
    path: '/maintenance',
    // Of a revision that never is, so that nothing is changed.
    input: { revision: 1_000_000, settings: { healthCheckIntervalMs: 60_000 } },
    call: (manager, input) => manager.updateMaintenance(input),
  },
  {
    name: 'requestPairingCode',
    path: '/sessions/own/pairing-code',
    input: { phone: 'nobody' },
    call: (manager, input) => manager.requestPairingCode('own', input),
  },
]

const WITH_QUERY: Omit<Operation, 'input'>[] = [
  { name: 'listSessions', path: '/sessions', call: (manager, input) => manager.list(withText(input)) },
  {
    name: 'listMessages',
    path: '/sessions/own/messages',
    call: (manager, input) => manager.messages('own', withText(input)),
  },
  {
    name: 'listContacts',
    path: '/sessions/own/contacts',
    call: (manager, input) => manager.session('own').contacts.list(withText(input)),
  },
  { name: 'listChats', path: '/sessions/own/chats', call: (manager, input) => manager.chats('own', input) },
]

/** What REST calls `q` in a query. */
function withText({ q, ...query }: Record<string, string>): Record<string, string> {
  return q === undefined ? query : { ...query, text: q }
}

let inProcess: MultiSessionManager
let served: MultiSessionManager
let api: Api

beforeAll(async () => {
  inProcess = await createManager()
  served = await createManager()
  api = hostApi(served)
})
afterAll(() => Promise.all([inProcess.close(), served.close()]))

describe.each(WITH_BODY)('$name', (operation) => {
  const { name, path, input, call } = operation
  const route: Route = ROUTES[name]

  async function verdicts(body: Record<string, unknown>) {
    const overHttp = await verdictOf(send(api, route.method, path, { as: 'admin', body }).then(problemIn))
    return { overHttp, inProcess: await verdictOf(call(inProcess, body as never).then(() => undefined)) }
  }

  it.each(fieldsOf(route))('is told the same of %s by the library and by REST', async (field) => {
    for (const value of JSON_VALUES) {
      const body = withField(input, field, value)
      const { overHttp, inProcess } = await verdicts(body)
      expect({ field, value: short(value), verdict: inProcess }).toEqual({
        field,
        value: short(value),
        verdict: overHttp,
      })
    }
  })

  it('is told the same of a field that nobody knows', async () => {
    for (const field of ['colour', '$where', 'toString', 'settings.colour', 'settings.preload.colour']) {
      const { overHttp, inProcess } = await verdicts(withField(input, field, 'red'))
      expect(inProcess).toEqual(overHttp)
    }
  })
})

const TOO_LONG = 'x'.repeat(2_049)
const FILES: unknown[] = [
  ...[undefined, null, 'x', 1, [], {}, { data: 5 }, { data: '' }, { data: 'Ä' }, { data: 'AAA' }, { data: 'AAAA' }],
  ...[{ url: 5 }, { url: '' }, { url: TOO_LONG }, { data: 'AAAA', url: 'http://a.example/' }, { fileName: 'a.png' }],
  ...[
    { data: 'AAAA', colour: 'red' },
    { data: 'AAAA', mimetype: '' },
    { data: 'AAAA', fileName: TOO_LONG },
  ],
]

it.each(FILES)('the library and REST say the same of the file %o', async (media) => {
  const body = { to: '15550000001', type: 'image', media }
  const overHttp = send(api, 'POST', '/sessions/own/messages', { as: 'admin', body }).then(problemIn)
  const ofLibrary = inProcess.send('own', body as never).then(() => undefined)
  expect(await verdictOf(ofLibrary)).toEqual(await verdictOf(overHttp))
})

describe.each(WITH_QUERY)('$name', ({ name, path, call }) => {
  const route: Route = ROUTES[name]

  it.each(Object.keys(route.query?.shape ?? {}))('is told the same of %s by the library and by REST', async (field) => {
    for (const value of TEXTS.filter((text) => !text.includes(HALF_EMOJI))) {
      const query = new URLSearchParams({ [field]: value })
      const overHttp = await verdictOf(send(api, 'GET', `${path}?${query}`, { as: 'admin' }).then(problemIn))
      const ofLibrary = await verdictOf(call(inProcess, { [field]: typed(field, value) } as never))
      const renamed = ofLibrary.map((wrong) => (wrong === 'text' ? 'q' : wrong))
      expect({ field, value: short(value), verdict: renamed }).toEqual({
        field,
        value: short(value),
        verdict: overHttp,
      })
    }
  })
})

/** The fields that are refused, sorted; nothing when the input is taken, whatever comes of it then. */
async function verdictOf(outcome: Promise<unknown>): Promise<string[]> {
  try {
    await outcome
    return []
  } catch (error) {
    if (TrunklineError.is(error, 'VALIDATION_FAILED')) return sorted(error.details.errors)
    if (TrunklineError.is(error, 'RECIPIENT_INVALID')) return [error.details.field]
    if (TrunklineError.is(error)) return []
    throw error
  }
}

function problemIn({ status, body }: { status: number; body: unknown }): void {
  if (status !== 400) return
  const { errors = [] } = body as Problem
  throw new TrunklineError('VALIDATION_FAILED', { details: { errors } })
}

/** Of many faults REST tells the first ones: they are compared by where they are. */
function sorted(errors: { field: string }[]): string[] {
  const fields = errors.map(({ field }) => (errors.length < 20 ? field : field.replace(/\.?[^.]*$/, '')))
  return [...new Set(fields)].sort()
}

/** The fields of a body, those of its objects too: `settings.preload.limit`. */
function fieldsOf({ body }: Route): string[] {
  const fields = body?.json instanceof z.ZodObject ? Object.keys(body.json.shape) : []
  if (!fields.includes('settings')) return fields
  const settings = [
    'proxyUrl',
    'deviceName',
    'markOnline',
    'readOnReceive',
    'rejectCalls',
    'ignoreGroups',
    'preload',
    'pacing',
  ]
  const pacing = ['preset', 'perMinute', 'newChatsPerDay', 'chatGapMs', 'typing', 'quietHours']
  const inner = [
    'preload.type',
    'preload.limit',
    ...pacing.map((name) => `pacing.${name}`),
    ...['from', 'to', 'timeZone'].map((name) => `pacing.quietHours.${name}`),
  ]
  return [...fields, ...[...settings, ...inner].map((name) => `settings.${name}`)]
}

/** What the objects of settings have beside the field that is tried. */
const INNER: Record<string, Record<string, unknown>> = {
  preload: { type: 'all', limit: 1 },
  pacing: { preset: 'careful' },
  quietHours: { from: '22:00', to: '07:00', timeZone: 'UTC' },
}

function withField(input: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [field = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...input, [field]: value }
  const inner = INNER[field] ?? {}
  return { ...input, [field]: withField(inner, rest.join('.'), value) }
}

/** A value of a query as a caller in process gives it. What does not turn into its type stays the text it was. */
function typed(field: string, value: string): unknown {
  if (field === 'limit' && /^\d{1,16}$/.test(value)) return Number(value)
  if (field === 'fromMe' || field === 'archived' || field === 'raw') return value === 'true' ? true : value
  return value
}

function numbersOf(limits: object): number[] {
  const found = Object.values(limits).flatMap((part: unknown) =>
    typeof part === 'object' && part !== null ? numbersOf(part) : part,
  )
  return found.filter((part) => typeof part === 'number')
}

function manyFields(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
}

function short(value: unknown): string {
  return `${JSON.stringify(value)}`.slice(0, 60)
}
