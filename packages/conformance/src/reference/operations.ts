import {
  type ChatChange,
  type ContactChange,
  type IdentityPair,
  MESSAGE_STATUSES,
  type MessageChange,
  type MessageRef,
  type Store,
  type StoredMessage,
} from '@trunkline/core/store'
import fc from 'fast-check'
import { allPages } from '../expectations.js'
import { ALICE, ALICE_LID, at, BOB, BOB_LID, GROUP, ME, message, noise } from '../fixtures.js'

/** Something that happens to messages and chats. A small world, so that what happens meets. */
export type Operation =
  | { do: 'upsert'; messages: StoredMessage[] }
  | { do: 'change'; ref: MessageRef; change: MessageChange }
  | { do: 'chats'; changes: ChatChange[] }
  | { do: 'contacts'; changes: ContactChange[] }
  | { do: 'identities'; pairs: IdentityPair[] }
  | { do: 'prune'; before: string }
  | { do: 'remove'; port: 'messages' | 'chats' }

const PHONES = [ALICE, BOB]
const LIDS = [ALICE_LID, BOB_LID]
const PEOPLE = [...PHONES, ...LIDS]
const CHATS = [...PEOPLE, GROUP]
const IDS = ['A', 'B', 'a', 'C|D', 'é']

const CLIENT_IDS = IDS.flatMap((id) => CHATS.map((chatId) => `${id} to ${chatId}`))

const person = fc.constantFrom(...PEOPLE)
const id = fc.constantFrom(...IDS)
const time = fc.integer({ min: 0, max: 5 }).map(at)
const poll = {
  question: '?',
  options: [
    { name: 'yes', voters: [] },
    { name: 'no', voters: [] },
  ],
  selectableCount: 0,
}

// What a message says follows from its id: two records of one message, found under two addresses, say the same.
const stored: fc.Arbitrary<StoredMessage> = fc
  .record({
    id,
    chatId: fc.constantFrom(...CHATS),
    author: fc.option(person, { nil: undefined }),
    status: fc.constantFrom(...MESSAGE_STATUSES),
    source: fc.constantFrom('live' as const, 'offline' as const, 'history' as const),
    client: fc.boolean(),
    raw: fc.boolean(),
  })
  .map(({ id, chatId, author, status, source, client, raw }) => {
    const fromMe = author === undefined
    const isPoll = id === 'A' || id === 'a'
    return message({
      id,
      chatId,
      senderId: fromMe ? ME : chatId === GROUP ? author : chatId,
      fromMe,
      status,
      source,
      timestamp: at(IDS.indexOf(id) % 3),
      arrival: 1 + ((IDS.indexOf(id) * 3) % 5),
      text: `The text of ${id}`,
      ...(isPoll ? { type: 'poll', poll } : {}),
      ...(fromMe && client ? { clientMessageId: `${id} to ${chatId}` } : {}),
      ...(raw ? { raw: noise(9) } : {}),
    })
  })

const change: fc.Arbitrary<MessageChange> = fc.oneof(
  fc.record(
    { kind: fc.constant('status' as const), status: fc.constantFrom(...MESSAGE_STATUSES), timestamp: time },
    { requiredKeys: ['kind', 'status'] },
  ),
  time.map((at) => ({ kind: 'edit' as const, text: `Edited at ${at}`, at })),
  time.map((at) => ({ kind: 'delete' as const, at })),
  fc.record({
    kind: fc.constant('reaction' as const),
    senderId: person,
    emoji: fc.constantFrom('👍', '🎉', ''),
    at: time,
  }),
  fc.record({
    kind: fc.constant('vote' as const),
    voterId: person,
    options: fc.subarray(['yes', 'no']),
    at: time,
  }),
)

const ref: fc.Arbitrary<MessageRef> = fc.record(
  { id, chatId: fc.constantFrom(...CHATS), senderId: fc.constantFrom(...PEOPLE, ME) },
  { requiredKeys: ['id'] },
)

const chatChange: fc.Arbitrary<ChatChange> = fc.record(
  {
    id: fc.constantFrom(...CHATS),
    name: fc.constantFrom('Alice', 'Bob'),
    unreadCount: fc.nat({ max: 3 }),
    archived: fc.boolean(),
    pinned: fc.boolean(),
    mutedUntil: fc.option(time),
  },
  { requiredKeys: ['id'] },
)

const contactChange: fc.Arbitrary<ContactChange> = fc.record(
  { id: person, name: fc.constantFrom('Alice', 'Bob'), pushName: fc.constantFrom('al', 'bo') },
  { requiredKeys: ['id'] },
)

const pair: fc.Arbitrary<IdentityPair> = fc.record({ pn: fc.constantFrom(...PHONES), lid: fc.constantFrom(...LIDS) })

const several = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { minLength: 1, maxLength: 4 })

export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: several(stored).map((messages) => ({ do: 'upsert' as const, messages })) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('change' as const), ref, change }) },
    { weight: 3, arbitrary: several(chatChange).map((changes) => ({ do: 'chats' as const, changes })) },
    { weight: 2, arbitrary: several(contactChange).map((changes) => ({ do: 'contacts' as const, changes })) },
    { weight: 4, arbitrary: several(pair).map((pairs) => ({ do: 'identities' as const, pairs })) },
    { weight: 1, arbitrary: time.map((before) => ({ do: 'prune' as const, before })) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('remove' as const), port: fc.constantFrom('messages', 'chats') }),
    },
  ) as fc.Arbitrary<Operation>,
  { minLength: 1, maxLength: 16 },
)

export type Ports = Pick<Store, 'messages' | 'chats'>

/** Carries an operation out and answers what the store says. */
export function carryOut({ messages, chats }: Ports, sessionId: string, operation: Operation): Promise<unknown> {
  switch (operation.do) {
    case 'upsert':
      return messages.upsert(
        sessionId,
        operation.messages.map((one) => ({ ...one, sessionId })),
      )
    case 'change':
      return messages.change(sessionId, operation.ref, operation.change).then((changed) => ({ changed }))
    case 'chats':
      return chats.upsert(sessionId, operation.changes)
    case 'contacts':
      return chats.upsertContacts(sessionId, operation.changes)
    case 'identities':
      return chats.mapIdentities(sessionId, operation.pairs)
    case 'prune':
      return messages.prune({ before: operation.before, sessionId })
    case 'remove':
      return (operation.port === 'messages' ? messages : chats).removeAll(sessionId)
  }
}

/** Everything that a store answers about a session. */
export async function everything({ messages, chats }: Ports, sessionId: string): Promise<Record<string, unknown>> {
  const page = (query: object) => messages.page(sessionId, { limit: 100, ...query })
  return {
    count: await messages.count(sessionId),
    byId: await Promise.all(IDS.map(async (one) => ({ found: await messages.find(sessionId, { id: one }) }))),
    all: await page({}),
    oldestFirst: await page({ after: at(0) }),
    inChats: await Promise.all(CHATS.map((chatId) => page({ chatId, before: at(4) }))),
    filtered: await page({ type: 'poll', fromMe: true, text: 'text OF a' }),
    newer: await allPages(2, ({ limit, cursor = at(0) }) => messages.page(sessionId, { limit, after: cursor })),
    older: await allPages(2, ({ limit, cursor }) =>
      messages.page(sessionId, { limit, ...(cursor ? { before: cursor } : {}) }),
    ),
    pending: await messages.listPending(sessionId),
    clients: await Promise.all(CLIENT_IDS.map((one) => messages.findByClientId(sessionId, one))),
    chatCount: await chats.count(sessionId),
    // Of chats with last messages of the same time any may come first.
    chats: await allPages(2, (query) => chats.page(sessionId, query)),
    individual: await allPages(1, (query) => chats.page(sessionId, { ...query, kind: 'individual', archived: false })),
    contacts: await allPages(2, (query) => chats.pageContacts(sessionId, query)),
    resolved: await chats.resolve(sessionId, CHATS),
    phones: [...(await chats.phonesOf(sessionId, CHATS))],
  }
}
