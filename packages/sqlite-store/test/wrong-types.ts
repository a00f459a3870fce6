// A process of its own that calls everything with an id of every wrong type, on the store that its first argument names, and prints
// what came of each call: an engine that ends the process is told from one that refuses.
import { createMemoryStore, MultiSessionManager, TrunklineError } from '@trunkline/core'
import { createSqliteStore } from '../src/index.js'

const [kind = '', path = ''] = process.argv.slice(2)
const store = kind === 'sqlite' ? createSqliteStore({ path }) : createMemoryStore()
const manager = new MultiSessionManager({ store })
await manager.create({ id: 'shop', start: false })

const WRONG: Record<string, unknown> = {
  number: 42,
  boolean: true,
  null: null,
  undefined,
  object: {},
  operator: { $gt: '' },
  list: ['shop'],
  date: new Date(0),
  'boxed string': new String('shop'),
  'object with toString': { toString: () => 'shop' },
  bytes: new Uint8Array([1]),
  bigint: 1n,
  function: () => 'shop',
  'half an emoji': '\ud83d',
}

// What a host without types does.
type Call = (id: never) => Promise<unknown>
const OF_SESSIONS: Record<string, Call> = {
  get: (id) => manager.get(id),
  update: (id) => manager.update(id, {}),
  startSession: (id) => manager.startSession(id),
  stopSession: (id) => manager.stopSession(id),
  restartSession: (id) => manager.restartSession(id),
  logoutSession: (id) => manager.logoutSession(id),
  delete: (id) => manager.delete(id),
  cleanup: (id) => manager.cleanup(id),
  qr: (id) => manager.qr(id),
  requestPairingCode: (id) => manager.requestPairingCode(id, { phone: '15550000001' }),
  details: (id) => manager.details(id),
  resetAttempts: (id) => manager.resetAttempts(id),
  healthCheck: (id) => manager.healthCheck(id),
  send: (id) => manager.send(id, { to: '15550000001', text: 'hello' }),
  messages: (id) => manager.messages(id),
  message: (id) => manager.message(id, { id: 'M1' }),
  chats: (id) => manager.chats(id),
  chat: (id) => manager.chat(id, '15550000001'),
  events: (id) => manager.events(id, { after: 0 }),
  lastSeq: (id) => manager.lastSeq(id),
}
const OF_STORES: Record<string, Call> = {
  'users.get': (id) => store.users.get(id),
  'users.update': (id) => store.users.update(id, { disabled: true }),
  'users.remove': (id) => store.users.remove(id),
  'users.revokeRefreshFamily': (id) => store.users.revokeRefreshFamily(id),
  'users.revokeRefreshFamilies': (id) => store.users.revokeRefreshFamilies(id),
  'sessions.get': (id) => store.sessions.get(id),
  'sessions.remove': (id) => store.sessions.remove(id),
  'messages.find': (id) => store.messages.find('shop', { id }),
  'chats.get': (id) => store.chats.get('shop', id),
  'events.lastSeq': (id) => store.events.lastSeq(id),
  'auth.readCreds': (id) => store.auth.readCreds(id),
}

const outcomes: Record<string, string> = {}
for (const [group, calls] of Object.entries({ manager: OF_SESSIONS, store: OF_STORES })) {
  for (const [method, call] of Object.entries(calls)) {
    for (const [type, value] of Object.entries(WRONG))
      outcomes[`${group} ${method} ${type}`] = await outcomeOf(call, value)
  }
}
const { id } = await manager.get('shop')
process.stdout.write(JSON.stringify({ outcomes, kept: id }))
await manager.close()
await store.close()

async function outcomeOf(call: Call, value: unknown): Promise<string> {
  try {
    await call(value as never)
    return 'answered'
  } catch (error) {
    if (TrunklineError.is(error, 'VALIDATION_FAILED')) return `refused ${error.details.errors[0]?.field}`
    return TrunklineError.is(error) ? error.code : String(error)
  }
}
