import { type BrokenStore, chats, messages } from './broken-store.js'

export const BROKEN_CHATS: BrokenStore[] = [
  {
    name: 'sets fields that are left out to their default',
    caughtBy: 'changes the given fields only; null clears a mute',
    wrap: chats(({ upsert }) => ({
      upsert: (id, changes) =>
        upsert(
          id,
          changes.map((change) => ({ pinned: false, ...change })),
        ),
    })),
  },
  {
    name: 'answers each change with the chat as it was then',
    caughtBy: 'applies several changes of one chat in order and answers how it is after the last',
    wrap: chats(({ upsert }) => ({
      async upsert(id, changes) {
        const outcomes = []
        for (const change of changes) outcomes.push(await upsert(id, [change]))
        const created = outcomes.reduce((sum, outcome) => sum + outcome.created, 0)
        return { chats: outcomes.flatMap((outcome) => outcome.chats), created }
      },
    })),
  },
  {
    name: 'does not list pinned chats first',
    caughtBy: 'lists pinned chats first, then by the last message, newest first, each once',
    wrap: chats(({ page }) => ({
      async page(...args) {
        const found = await page(...args)
        return { ...found, items: found.items.sort((a, b) => Number(a.pinned) - Number(b.pinned)) }
      },
    })),
  },
  {
    name: 'answers contacts that did not change',
    caughtBy: 'makes and changes contacts and answers those that changed, once each',
    wrap: chats(({ upsertContacts, getContact }) => ({
      async upsertContacts(id, changes) {
        await upsertContacts(id, changes)
        const found = await Promise.all(changes.map((change) => getContact(id, change.id)))
        return found.flatMap((contact) => contact ?? [])
      },
    })),
  },
  {
    name: 'learns identities for all sessions at once',
    caughtBy: 'removes chats, contacts and identities of a session, and no other',
    wrap: chats(({ mapIdentities, resolve }) => ({
      mapIdentities: (_id, pairs) => mapIdentities('all', pairs),
      resolve: (_id, jids) => resolve('all', jids),
    })),
  },
  {
    name: 'keeps the LID that it learned first',
    caughtBy: 'gives a phone number that moves to another LID the new one, and leaves the old chat alone',
    wrap: chats(({ mapIdentities, resolve }) => ({
      async mapIdentities(id, pairs) {
        const known = await resolve(
          id,
          pairs.map(({ pn }) => pn),
        )
        return mapIdentities(
          id,
          pairs.filter(({ pn, lid }, n) => known[n] === pn || known[n] === lid),
        )
      },
    })),
  },
  {
    name: 'moves a chat and leaves its messages behind',
    caughtBy: 'moves a chat with its messages and its contact to the LID',
    wrap: (store) =>
      messages(({ page }) => ({
        page: async (id, query) =>
          page(id, query.chatId?.endsWith('@lid') ? { ...query, chatId: '15550000001@s.whatsapp.net' } : query),
      }))(store),
  },
  {
    name: 'takes the larger of two unread counts',
    caughtBy: 'adds up what was unread, keeps the later last message and makes one of a message in both',
    wrap: chats(({ mapIdentities, get, upsert }) => ({
      async mapIdentities(id, pairs) {
        const kept = await Promise.all(pairs.map(({ lid }) => get(id, lid)))
        const merged = await mapIdentities(id, pairs)
        for (const chat of kept)
          if (chat && merged.length) await upsert(id, [{ id: chat.id, unreadCount: chat.unreadCount }])
        return merged
      },
    })),
  },
  {
    name: 'says that a chat moved each time it is told the pair',
    caughtBy: 'changes nothing when it is told twice',
    wrap: chats(({ mapIdentities }) => ({
      async mapIdentities(id, pairs) {
        await mapIdentities(id, pairs)
        return pairs.map(({ pn, lid }) => ({ chatId: lid, mergedFrom: pn }))
      },
    })),
  },
  {
    name: 'does nothing for a pair that it knows',
    caughtBy: 'moves what was stored under the phone number late, when the pair is told again',
    wrap: chats(({ mapIdentities, resolve }) => ({
      async mapIdentities(id, pairs) {
        const known = await resolve(
          id,
          pairs.map(({ pn }) => pn),
        )
        return mapIdentities(
          id,
          pairs.filter(({ lid }, n) => known[n] !== lid),
        )
      },
    })),
  },
  {
    name: 'forgets identities when it is closed',
    caughtBy: 'finds identities after close and open',
    wrap: (store, { opening }) =>
      opening === 1 ? store : chats(() => ({ resolve: async (_id, jids) => [...jids] }))(store),
  },
]
