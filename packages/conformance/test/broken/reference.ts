import { type BrokenStore, chats, messages } from './broken-store.js'

export const BROKEN_REFERENCE: BrokenStore[] = [
  {
    name: 'counts a message as unread once more when it is told again',
    caughtBy: 'gives them after each of many random sequences of operations (seed 1)',
    wrap: (store) =>
      messages(({ upsert }) => ({
        async upsert(id, given) {
          const result = await upsert(id, given)
          for (const [place, { chatId, fromMe }] of given.entries()) {
            const { unreadCount = 0 } = (await store.chats.get(id, chatId)) ?? {}
            const again = !result.inserted[place] && !fromMe
            if (again) await store.chats.upsert(id, [{ id: chatId, unreadCount: unreadCount + 1 }])
          }
          return result
        },
      }))(store),
  },
  {
    name: 'says of a phone number that its LID is its phone number',
    caughtBy: 'gives them after each of many random sequences of operations (seed 2026)',
    wrap: chats(({ phonesOf, resolve }) => ({
      async phonesOf(id, jids) {
        const lids = await resolve(id, jids)
        const numbers = jids.flatMap((jid, place) => (lids[place] === jid ? [] : [[jid, lids[place] ?? jid] as const]))
        return new Map([...(await phonesOf(id, jids)), ...numbers])
      },
    })),
  },
]
