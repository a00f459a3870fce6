import type { MessageStore, Store, StoredMessage } from '@trunkline/core/store'
import { type BrokenStore, chats, messages } from './broken-store.js'

export const BROKEN_ORDER: BrokenStore[] = [
  {
    name: 'orders messages of one time by their ids',
    caughtBy: 'come by their order, a thousand of them, told in any order, in a chat and over all chats',
    wrap: messages(withOtherMessages(({ arrival: _, ...rest }) => rest)),
  },
  {
    name: 'orders chats of one time by their ids',
    caughtBy: 'order the chats whose last messages they are',
    wrap: chats(({ page }) => ({
      async page(id, query) {
        const { items, ...rest } = await page(id, query)
        return { items: items.sort((left, right) => (left.id < right.id ? 1 : -1)), ...rest }
      },
    })),
  },
  {
    name: 'gives a message that is told again the place of the newest',
    caughtBy: 'keep the order they came with when they are told again, and so does their chat',
    wrap: messages(({ upsert, find, removeAll }) => ({
      async upsert(id, given) {
        const known = (await Promise.all(given.map((one) => find(id, { id: one.id })))).flat()
        if (known.length === 0) return upsert(id, given)
        const others = await find(id, { id: 'A' })
        await removeAll(id)
        await upsert(id, [...others, ...given])
        return { inserted: given.map(() => false), chatsCreated: 0 }
      },
    })),
  },
  {
    name: 'shows what only the store needs',
    caughtBy: 'show neither their order nor what their request was known by, but keep both',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const { items, ...rest } = await page(id, query)
        return { items: items.map((one) => ({ ...one, arrival: 7 })), ...rest }
      },
    })),
  },
  {
    name: 'leaves the last message of a chat where it was when a message gets another time',
    caughtBy: 'are those of the time that WhatsApp gave them last, for their chat too',
    wrap(store) {
      const last = new Map<string, Awaited<ReturnType<Store['chats']['get']>>>()
      const remembering = chats(({ get }) => ({
        async get(id, chatId) {
          if (!last.has(chatId)) last.set(chatId, await get(id, chatId))
          return last.get(chatId)
        },
      }))
      return remembering(store)
    },
  },
]

export const BROKEN_RECORD: BrokenStore[] = [
  {
    name: 'forgets the changes of a step',
    caughtBy: 'stores, changes and tells in one step, and answers what came of each',
    wrap: messages(({ record }) => ({ record: (id, step, options) => record(id, { ...step, changes: [] }, options) })),
  },
  {
    name: 'tells events by the number of the caller, whatever was told meanwhile',
    caughtBy: 'tells an event once when its step is told again, after what was told meanwhile',
    wrap: (store) =>
      messages(({ record }) => ({
        async record(id, step, options) {
          const recorded = await record(id, { ...step, events: (outcome) => step.events(outcome).map(withoutKey) })
          return { ...recorded, events: recorded.events.map((one) => ({ ...one, repeated: false, ...options })) }
        },
      }))(store),
  },
  {
    name: 'tells of new messages only',
    caughtBy: 'tells what a crash has left untold when the step is told again',
    wrap: messages(({ record }) => ({
      record: (id, step, options) =>
        record(
          id,
          { ...step, events: (outcome) => (outcome.inserted.includes(false) ? [] : step.events(outcome)) },
          options,
        ),
    })),
  },
  {
    name: 'does one step at a time and drops those that come meanwhile',
    caughtBy: 'loses none of many steps at once, and leaves no gap between their events',
    wrap: messages(({ record }) => {
      let busy = false
      return {
        async record(id, step, options) {
          if (busy) return { inserted: [], chatsCreated: 0, changes: [], events: [] }
          busy = true
          const recorded = await record(id, step, options)
          busy = false
          return recorded
        },
      }
    }),
  },
  {
    name: 'tells before it stores',
    caughtBy: 'has never told what is not stored, wherever the engine fails',
    wrap: (store, { failing }) =>
      failing
        ? messages(() => ({
            async record(id, step) {
              const inserted = (step.messages ?? []).map(() => true)
              const outcome = { inserted, chatsCreated: 0, changes: [] }
              await store.events.append(id, step.events(outcome))
              throw new Error('the engine is gone')
            },
          }))(store)
        : store,
  },
]

function withoutKey<Event extends { key?: string }>({ key: _, ...event }: Event): Event {
  return event as Event
}

/** Stores other messages than those that it is given. */
function withOtherMessages(other: (message: StoredMessage) => StoredMessage) {
  return ({ upsert }: MessageStore): Partial<MessageStore> => ({ upsert: (id, given) => upsert(id, given.map(other)) })
}
