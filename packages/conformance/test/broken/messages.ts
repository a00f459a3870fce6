import { ALICE, at } from '../../src/fixtures.js'
import { type BrokenStore, chats, messages, tick } from './broken-store.js'

export const BROKEN_MESSAGES: BrokenStore[] = [
  {
    name: 'counts the vote that arrived last',
    caughtBy: 'counts the last vote of each person, whenever it arrives, and marks media as stored',
    wrap: messages(({ change }) => {
      let told = 0
      return {
        change: (id, ref, given) => change(id, ref, given.kind === 'vote' ? { ...given, at: at(told++) } : given),
      }
    }),
  },
  {
    name: 'says that every message is new',
    caughtBy: 'tells new messages from those that are there, over calls and within one',
    wrap: messages(({ upsert }) => ({
      async upsert(id, given) {
        const { chatsCreated } = await upsert(id, given)
        return { inserted: given.map(() => true), chatsCreated }
      },
    })),
  },
  {
    name: 'knows messages by their id alone',
    caughtBy: 'tells apart messages with one id in different chats, by different senders and in different sessions',
    wrap: messages(({ find, upsert }) => ({
      async upsert(id, given) {
        const known = new Set<string>()
        for (const { id: messageId } of given) if ((await find(id, { id: messageId })).length) known.add(messageId)
        const fresh = given.filter(({ id: messageId }) => !known.has(messageId) && known.add(messageId))
        const { inserted, chatsCreated } = await upsert(id, fresh)
        return { inserted: given.map((message) => fresh.includes(message) && inserted.length > 0), chatsCreated }
      },
    })),
  },
  {
    name: 'takes the newest word on a message for the best',
    caughtBy: 'leaves a known message as it is, fills in a missing protobuf and moves its status forward',
    wrap: messages(({ upsert, change }) => {
      let told = 0
      return {
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const { id: messageId, text = '' } of given) {
            await change(id, { id: messageId }, { kind: 'edit', text, at: at(told++) })
          }
          return outcome
        },
      }
    }),
  },
  {
    name: 'keeps no protobuf',
    caughtBy: 'keeps every byte of the protobuf beside it, an empty one too',
    wrap: messages(({ upsert }) => ({
      upsert: (id, given) =>
        upsert(
          id,
          given.map(({ raw: _, ...rest }) => rest),
        ),
    })),
  },
  {
    name: 'counts the messages of the account itself as unread',
    caughtBy: 'grows more unread by new inbound messages that are neither history nor deleted',
    wrap: (store) =>
      messages(({ upsert }) => ({
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const { chatId, fromMe } of given) {
            const unreadCount = (await store.chats.get(id, chatId))?.unreadCount ?? 0
            if (fromMe) await store.chats.upsert(id, [{ id: chatId, unreadCount: unreadCount + 1 }])
          }
          return outcome
        },
      }))(store),
  },
  {
    name: 'counts a message that it knows already as unread again',
    caughtBy: 'grows more unread by new inbound messages that are neither history nor deleted',
    wrap: (store) =>
      messages(({ upsert }) => ({
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const [n, { chatId }] of given.entries()) {
            const unreadCount = (await store.chats.get(id, chatId))?.unreadCount ?? 0
            if (!outcome.inserted[n]) await store.chats.upsert(id, [{ id: chatId, unreadCount: unreadCount + 1 }])
          }
          return outcome
        },
      }))(store),
  },
  {
    name: 'shows the last message as it was when it was stored',
    caughtBy: 'shows its last message as it is now',
    wrap: chats(({ get }) => ({
      async get(...args) {
        const chat = await get(...args)
        return chat?.lastMessage ? { ...chat, lastMessage: { ...chat.lastMessage, status: 'pending' } } : chat
      },
    })),
  },
  {
    name: 'changes only the first message that the ref names',
    caughtBy: 'changes every message that the ref names, and no other',
    wrap: messages(({ find, change }) => ({
      async change(id, ref, change_) {
        const [first] = await find(id, ref)
        return first ? change(id, { id: first.id, chatId: first.chatId, senderId: first.senderId }, change_) : []
      },
    })),
  },
  {
    name: 'changes a message by reading and writing back',
    caughtBy: 'loses none of many changes that come at once',
    wrap: messages(({ find, change }) => ({
      async change(id, ref, given) {
        const before = (await find(id, ref))[0]?.reactions ?? []
        await tick()
        const now = (await find(id, ref))[0]?.reactions ?? []
        for (const { senderId, at: time } of now) {
          if (before.some((reaction) => reaction.senderId === senderId)) continue
          await change(id, ref, { kind: 'reaction', senderId, emoji: '', at: time })
        }
        return change(id, ref, given)
      },
    })),
  },
  {
    name: 'lists what is pending newest first',
    caughtBy: 'lists outbound messages that are still pending, oldest first',
    wrap: messages(({ listPending }) => ({ listPending: async (id) => (await listPending(id)).reverse() })),
  },
  {
    name: 'pages by time alone',
    caughtBy: 'pages newest first by time and id, each message once',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const found = await page(id, query)
        const last = found.items.at(-1)?.timestamp
        return found.nextCursor && last ? { ...found, nextCursor: last } : found
      },
    })),
  },
  {
    name: 'pages newest first whatever it is asked for',
    caughtBy: 'pages the other way after a time or a cursor, oldest first',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const found = await page(id, query)
        return query.after ? { ...found, items: found.items.reverse() } : found
      },
    })),
  },
  {
    name: 'pages by number instead of by place',
    caughtBy: 'neither repeats nor passes over a message when newer ones arrive between two pages',
    wrap: messages(({ page }) => ({
      async page(id, { before, limit, ...query }) {
        const skipped = before?.startsWith('skip') ? Number(before.slice(4)) : 0
        const { items } = await page(id, { limit: 200, ...query, ...(before && !skipped ? { before } : {}) })
        const more = items.length > skipped + limit
        return {
          items: items.slice(skipped, skipped + limit),
          ...(more ? { nextCursor: `skip${skipped + limit}` } : {}),
        }
      },
    })),
  },
  {
    name: 'compares times as text',
    caughtBy: 'takes a time in any spelling of ISO 8601 as a boundary, its own messages left out',
    wrap: messages(({ page }) => ({
      page: (id, query) =>
        page(id, { ...query, ...(query.before ? { before: query.before.replace(/\+01:00$/, 'Z') } : {}) }),
    })),
  },
  {
    name: 'folds the case of ASCII only',
    caughtBy: 'finds a part of the text in any case and language, taken literally',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const found = await page(id, query)
        const part = query.text?.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) ?? ''
        const fold = (text = '') => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
        return { ...found, items: found.items.filter(({ text }) => fold(text).includes(part)) }
      },
    })),
  },
  {
    name: 'takes the text for a pattern',
    caughtBy: 'finds a part of the text in any case and language, taken literally',
    wrap: messages(({ page }) => ({
      async page(id, { text, ...query }) {
        const found = await page(id, query)
        if (text === undefined) return found
        const pattern = new RegExp(text.replaceAll('%', '.*').replaceAll('_', '.').replaceAll('\\', '\\\\'), 'i')
        return { items: found.items.filter((message) => pattern.test(message.text ?? '')) }
      },
    })),
  },
  {
    name: 'prunes in all sessions when it is asked for one',
    caughtBy: 'prunes by age, in one session or in all, and counts',
    wrap: messages(({ prune }) => ({ prune: ({ before }) => prune({ before }) })),
  },
  {
    name: 'prunes everything at once, whatever the limit',
    caughtBy:
      'prunes no more than the limit in one call, of each session the oldest first, and no session without old ones',
    wrap: messages(({ prune }) => ({ prune: ({ limit: _, ...options }) => prune(options) })),
  },
  {
    name: 'trims everything at once, whatever the limit',
    caughtBy: 'trims a session to its newest messages, no more than the limit in one call, and no other session',
    wrap: messages(({ trim }) => ({ trim: (id, { keep }) => trim(id, { keep }) })),
  },
  {
    name: 'marks chats as read when their messages go',
    caughtBy: 'leaves the unread count of a chat as it is when its messages are gone, and counts on from there',
    wrap: (store) =>
      messages(({ prune }) => ({
        async prune(options) {
          const pruned = await prune(options)
          await store.chats.upsert('s', [{ id: ALICE, unreadCount: 0 }])
          return pruned
        },
      }))(store),
  },
]
