import { type MessageStore, refsOf, type StoredMessage } from '@trunkline/core/store'
import { ALICE, at } from '../../src/fixtures.js'
import { type BrokenStore, chats, lock, messages, noLock, onceReopened, type Turn, tick } from './broken-store.js'

export const BROKEN_MESSAGES: BrokenStore[] = [
  {
    name: 'knows edits of texts only',
    caughtBy: 'edits a caption in both places, and takes it away from both',
    wrap: messages(({ change }) => ({
      change: (id, ref, given) =>
        change(id, ref, given.kind === 'edit' ? { ...given, text: given.text ?? 'x' } : given),
    })),
  },
  {
    name: 'knows no answers to events',
    caughtBy: 'counts the last answer of each person to an event',
    wrap: messages(({ change }) => ({
      change: async (id, ref, given) => (given.kind === 'response' ? [] : change(id, ref, given)),
    })),
  },
  {
    name: 'forgets that a message that is told again was edited',
    caughtBy: 'edits and deletes a known message that is told again as edited or deleted',
    wrap: messages(({ upsert }) => ({
      upsert: (id, given) =>
        upsert(
          id,
          given.map(({ editedAt: _, ...rest }) => rest),
        ),
    })),
  },
  {
    name: 'leaves a placeholder where it is',
    caughtBy: 'fills in a placeholder once, at its place, and counts it as new then',
    wrap: messages(({ find, upsert }) => ({
      async upsert(id, given) {
        const outcome = await upsert(id, [])
        const inserted: boolean[] = []
        let { chatsCreated } = outcome
        for (const message of given) {
          const [known] = await find(id, { id: message.id, chatId: message.chatId, senderId: message.senderId })
          const one =
            known?.type === 'placeholder' ? { inserted: [false], chatsCreated: 0 } : await upsert(id, [message])
          inserted.push(one.inserted[0] === true)
          chatsCreated += one.chatsCreated
        }
        return { inserted, chatsCreated }
      },
    })),
  },
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
    name: "gives WhatsApp's own bytes to nobody who reads a page",
    caughtBy: "gives WhatsApp's own bytes to those only who ask for them, and nothing else that callers do not see",
    wrap: messages(({ page }) => ({
      page: async (id, query) => {
        const { items, ...rest } = await page(id, query)
        return { ...rest, items: items.map(({ raw: _raw, ...message }: StoredMessage) => message) }
      },
    })),
  },
  {
    name: 'leaves a chat unread that the account has answered in',
    caughtBy: 'makes a chat read when the account answers, by what is new and said, and counts on from there',
    wrap: messages(({ upsert }) => ({
      upsert: (id, given) =>
        upsert(
          id,
          given.map((each) => (each.fromMe ? { ...each, source: 'history' } : each)),
        ),
    })),
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
    name: 'drops what a message that is told again brings',
    caughtBy: 'puts the reactions and votes that a known message is told again with on it',
    wrap: messages(({ upsert }) => {
      const known = new Set<string>()
      return {
        upsert(id, given) {
          const told = given.map((message) => (known.has(message.id) ? { ...message, reactions: [] } : message))
          for (const message of given) known.add(message.id)
          return upsert(id, told)
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
    name: 'counts what cannot be read as unread',
    caughtBy: 'is neither more unread nor moved on by what nobody said or nobody sees',
    wrap: (store) =>
      messages(({ upsert }) => ({
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const { chatId, type } of given) {
            const unreadCount = (await store.chats.get(id, chatId))?.unreadCount ?? 0
            if (type === 'unknown') await store.chats.upsert(id, [{ id: chatId, unreadCount: unreadCount + 1 }])
          }
          return outcome
        },
      }))(store),
  },
  {
    name: 'shows what has no bubble',
    caughtBy: 'leaves out what has no bubble, unless it is asked for',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const found = await page(id, query)
        if (query.type !== undefined) return found
        return { ...found, items: [...found.items, ...(await page(id, { ...query, type: 'hidden' })).items] }
      },
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
        const [first] = (await Promise.all(refsOf(ref).map((each) => find(id, each)))).flat()
        return first ? change(id, { id: first.id, chatId: first.chatId, senderId: first.senderId }, change_) : []
      },
    })),
  },
  {
    name: 'answers changes in the order in which messages were stored',
    caughtBy: 'changes the messages of several ids, and answers them in the order of the ids',
    wrap: messages(({ change }) => ({
      async change(id, ref, given) {
        const changed = await change(id, ref, given)
        return changed.sort((left, right) => (left.after.timestamp < right.after.timestamp ? -1 : 1))
      },
    })),
  },
  {
    name: 'changes a message by reading and writing back',
    caughtBy: 'loses none of many changes that come at once',
    wrap: messages((port) => writingBack(port, noLock)),
  },
  {
    name: 'changes a message by reading and writing back, under a lock that only its own process sees',
    caughtBy: 'loses no change of two instances',
    wrap: messages((port) => writingBack(port, lock())),
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
    name: 'removes the messages with a star from a chat, too',
    caughtBy: 'removes the messages of a chat up to a time, but for those with a star where that is asked for',
    wrap: messages(({ removeChat }) => ({ removeChat: (id, chatId, { until }) => removeChat(id, chatId, { until }) })),
  },
  {
    name: 'never takes a star off',
    caughtBy: 'keeps a star until it is taken off, also when the message is told again',
    wrap: messages(({ change }) => ({
      change: async (id, ref, given) =>
        given.kind === 'star' ? change(id, ref, { ...given, starred: true }) : change(id, ref, given),
    })),
  },
  {
    name: 'never takes a label off a message',
    caughtBy: 'keeps the labels of a message until they are taken off, also when the message is told again',
    wrap: messages(({ change }) => ({
      change: async (id, ref, given) =>
        given.kind === 'label' ? change(id, ref, { ...given, labeled: true }) : change(id, ref, given),
    })),
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
  {
    name: 'keeps texts without the NUL in them',
    caughtBy: 'keeps a message with every field, and one with none that may be missing',
    wrap: messages(({ upsert }) => ({
      upsert: (id, given) =>
        upsert(
          id,
          given.map(({ text, ...rest }) => (text === undefined ? rest : { ...rest, text: text.replaceAll('\0', '') })),
        ),
    })),
  },
  {
    name: 'reads what is pending without its protobuf',
    caughtBy: 'hands out the bytes where one message is asked for and leaves them out of pages',
    wrap: messages(({ listPending }) => ({
      listPending: async (id) => (await listPending(id)).map(({ raw: _, ...message }) => message),
    })),
  },
  {
    name: 'reads whole messages for a page',
    caughtBy: 'hands out the bytes where one message is asked for and leaves them out of pages',
    wrap: messages(({ page, find }) => ({
      async page(id, query) {
        const found = await page(id, query)
        const whole = await Promise.all(found.items.map((message) => find(id, message)))
        return { ...found, items: whole.flatMap(([message]) => message ?? []) }
      },
    })),
  },
  {
    name: 'keeps the protobuf of the caller',
    caughtBy: 'keeps nothing by reference',
    wrap: messages(({ upsert, find }) => {
      const raws = new Map<string, Uint8Array>()
      const keyOf = ({ id, chatId, senderId }: StoredMessage) => JSON.stringify([id, chatId, senderId])
      return {
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const [place, message] of given.entries())
            if (outcome.inserted[place] && message.raw) raws.set(keyOf(message), message.raw)
          return outcome
        },
        async find(id, ref) {
          return (await find(id, ref)).map((message) => {
            const raw = raws.get(keyOf(message))
            return raw ? { ...message, raw } : message
          })
        },
      }
    }),
  },
  {
    name: 'keeps protobufs in memory',
    caughtBy: 'finds messages, chats and contacts after close and open',
    wrap: onceReopened(
      messages(({ find }) => ({
        find: async (id, ref) => (await find(id, ref)).map(({ raw: _, ...message }) => message),
      })),
    ),
  },
  {
    name: 'looks whether a message is there and does not look again',
    caughtBy: 'stores a message once when many tell it at once',
    wrap: messages((port) => lookingFirst(port, noLock)),
  },
  {
    name: 'looks whether a message is there, under a lock that only its own process sees',
    caughtBy: 'stores a message once when two instances tell it at once',
    wrap: messages((port) => lookingFirst(port, lock())),
  },
  {
    name: 'takes the message that came last for the last of those with the same time',
    caughtBy: 'is made with the first message, and its last message moves forward only',
    wrap: (store) => {
      const newest = new Map<string, StoredMessage>()
      const noting = messages(({ upsert }) => ({
        async upsert(id, given) {
          for (const message of given) newest.set(JSON.stringify([id, message.chatId]), message)
          return upsert(id, given)
        },
      }))
      const showing = chats(({ get }) => ({
        async get(id, chatId) {
          const chat = await get(id, chatId)
          const message = newest.get(JSON.stringify([id, chatId]))
          if (!chat?.lastMessage || !message || chat.lastMessage.id === message.id) return chat
          if (chat.lastMessage.timestamp !== message.timestamp) return chat
          const { raw: _, ...lastMessage } = message
          return { ...chat, lastMessage }
        },
      }))
      return showing(noting(store))
    },
  },
  {
    name: 'takes no more than 500 messages at once',
    caughtBy: 'takes the 50 chats and 1,000 messages of a history chunk at once',
    wrap: messages(({ upsert }) => ({ upsert: (id, given) => upsert(id, given.slice(0, 500)) })),
  },
  {
    name: 'answers a change with the message as it is afterwards, twice',
    caughtBy: 'moves the status forward only and answers before and after',
    wrap: messages(({ change }) => ({
      change: async (...args) => (await change(...args)).map(({ after }) => ({ before: after, after })),
    })),
  },
  {
    name: 'keeps a reaction that is taken back as an empty one',
    caughtBy: 'edits, reacts and deletes',
    wrap: messages(({ change }) => ({
      change: (id, ref, given) =>
        change(id, ref, given.kind === 'reaction' ? { ...given, emoji: given.emoji || ' ' } : given),
    })),
  },
  {
    name: 'finds client message ids in every session',
    caughtBy: 'finds a message by its client message id, in its session only',
    wrap: messages(({ upsert, findByClientId }) => {
      const told = new Set<string>()
      return {
        upsert(id, given) {
          told.add(id)
          return upsert(id, given)
        },
        async findByClientId(id, clientId) {
          const found = await Promise.all([id, ...told].map((one) => findByClientId(one, clientId)))
          return found.find(Boolean)
        },
      }
    }),
  },
  {
    name: 'finds the oldest message of a client message id',
    caughtBy: 'finds the newest of several messages with one client message id',
    wrap: messages(({ page, find }) => ({
      async findByClientId(id, clientId) {
        const { items } = await page(id, { limit: 1_000 })
        const oldest = items.findLast(({ clientMessageId }) => clientMessageId === clientId)
        return oldest && (await find(id, oldest))[0]
      },
    })),
  },
  {
    name: 'forgets the place of chats whose messages are gone',
    caughtBy: 'leaves the chat in its place without a last message when that is gone',
    wrap: chats(({ page }) => ({
      async page(...args) {
        const found = await page(...args)
        const placed = found.items.filter(({ lastMessage }) => lastMessage)
        const others = found.items.filter(({ lastMessage }) => !lastMessage)
        return { ...found, items: [...placed, ...others.sort((a, b) => (a.id < b.id ? -1 : 1))] }
      },
    })),
  },
  {
    name: 'removes messages by prefix',
    caughtBy: 'removes all messages of a session, and no other',
    wrap: messages(({ removeAll }) => ({
      async removeAll(id) {
        for (const suffix of ['', '-']) await removeAll(id + suffix)
      },
    })),
  },
  {
    name: 'goes on after the time and the id of the last message of a page',
    caughtBy: 'tells apart messages with the same time and id in different chats',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const { items, nextCursor } = await page(id, query)
        const last = items.at(-1)
        let cursor = nextCursor
        while (cursor) {
          const next = await page(id, { ...query, limit: 1, [query.after ? 'after' : 'before']: cursor })
          if (next.items[0]?.id !== last?.id || next.items[0]?.timestamp !== last?.timestamp) break
          cursor = next.nextCursor
        }
        return { items, ...(cursor ? { nextCursor: cursor } : {}) }
      },
    })),
  },
  {
    name: 'filters by chat or by type, not by both',
    caughtBy: 'filters by chat, type and sender, together and on every page',
    wrap: messages(({ page }) => ({
      page: (id, { type, ...query }) => page(id, { ...query, ...(type && !query.chatId ? { type } : {}) }),
    })),
  },
  {
    name: 'begins at the first page when it does not understand a boundary',
    caughtBy: 'refuses a boundary that is neither a time nor a cursor',
    wrap: messages(({ page }) => ({
      page: (id, { before, after, ...query }) =>
        page(id, { ...query, ...(before ? { before } : {}), ...(after ? { after } : {}) }).catch(() => page(id, query)),
    })),
  },
  {
    name: 'prunes by id alone',
    caughtBy: 'prunes a message and keeps a younger one that has its id in another chat',
    wrap: messages(({ upsert, prune, find }) => {
      const told: StoredMessage[] = []
      const pruned = new Set<string>()
      return {
        upsert(id, given) {
          told.push(...given)
          return upsert(id, given)
        },
        prune(options) {
          for (const { id, timestamp } of told) if (timestamp < options.before) pruned.add(id)
          return prune(options)
        },
        find: async (id, ref) => (await find(id, ref)).filter((message) => !pruned.has(message.id)),
      }
    }),
  },
]

function lookingFirst({ find, upsert }: MessageStore, turn: Turn): Partial<MessageStore> {
  return {
    upsert: (id, given) =>
      turn(async () => {
        const there = await Promise.all(given.map((message) => find(id, message)))
        await tick()
        const { inserted, chatsCreated } = await upsert(id, given)
        const missed = (place: number) =>
          there[place]?.length === 0 && given.indexOf(given[place] as StoredMessage) === place
        return { inserted: inserted.map((fresh, place) => fresh || missed(place)), chatsCreated }
      }),
  }
}

/** A reaction that came between the reading and the writing is gone. */
function writingBack({ find, change }: MessageStore, turn: Turn): Partial<MessageStore> {
  return {
    change: (id, ref, given) =>
      turn(async () => {
        const reactionsNow = async () => (await find(id, refsOf(ref)[0] ?? { id: '' }))[0]?.reactions ?? []
        const before = await reactionsNow()
        await tick()
        const now = await reactionsNow()
        for (const { senderId, at: time } of now) {
          if (before.some((reaction) => reaction.senderId === senderId)) continue
          await change(id, ref, { kind: 'reaction', senderId, emoji: '', at: time })
        }
        return change(id, ref, given)
      }),
  }
}
