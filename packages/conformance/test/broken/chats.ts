import type { IdentityPair } from '@trunkline/core/store'
import { type BrokenStore, chats, messages, onceReopened, tick } from './broken-store.js'

/** Learns only the pairs that are accepted, which are told the address that the phone number has now. */
const mappingOnly = (accepts: (pair: IdentityPair, known: string | undefined) => boolean) =>
  chats(({ mapIdentities, resolve }) => ({
    async mapIdentities(id, pairs) {
      const numbers = pairs.map(({ pn }) => pn)
      const known = await resolve(id, numbers)
      const accepted = pairs.filter((pair, index) => accepts(pair, known[index]))
      return mapIdentities(id, accepted)
    },
  }))

export const BROKEN_CHATS: BrokenStore[] = [
  {
    name: 'removes a chat of all sessions',
    caughtBy: 'removes a chat, and none of its messages nor any other',
    wrap: chats(({ remove }) => ({
      async remove(id, chatId) {
        await remove(id.toUpperCase(), chatId)
        return remove(id, chatId)
      },
    })),
  },
  {
    name: 'never takes a label off a chat',
    caughtBy: 'puts labels on a chat and takes them off, one by one and together',
    wrap: chats(({ upsert }) => ({
      upsert: (id, changes) =>
        upsert(
          id,
          changes.map(({ labels = {}, ...change }) => {
            const on = Object.entries(labels).filter(([, isOn]) => isOn)
            return { ...change, labels: Object.fromEntries(on) }
          }),
        ),
    })),
  },
  {
    name: 'answers every label that is told',
    caughtBy: 'keeps labels, and answers those that changed',
    wrap: chats(({ upsertLabels }) => ({
      async upsertLabels(id, labels) {
        await upsertLabels(id, labels)
        return [...labels]
      },
    })),
  },
  {
    name: 'forgets a label that is deleted',
    caughtBy: 'takes a label that is deleted off every chat and message of the session, and remembers it',
    wrap: chats(({ labels }) => ({
      labels: async (id) => (await labels(id)).filter(({ deleted }) => !deleted),
    })),
  },
  {
    name: 'keeps only the labels of the chat that stays',
    caughtBy: 'gives a chat that is merged the labels of both',
    wrap: chats(({ mapIdentities, get, upsert }) => ({
      async mapIdentities(id, pairs) {
        for (const { pn } of pairs) {
          const { labels = [] } = (await get(id, pn)) ?? {}
          if (labels.length > 0)
            await upsert(id, [{ id: pn, labels: Object.fromEntries(labels.map((one) => [one, false])) }])
        }
        return mapIdentities(id, pairs)
      },
    })),
  },
  {
    name: 'never clears when the messages of a chat disappear',
    caughtBy: 'keeps after how many seconds the messages of a chat disappear, until null clears it',
    wrap: chats(({ upsert }) => ({
      upsert: (id, changes) =>
        upsert(
          id,
          changes.map(({ disappearsAfterSeconds: seconds, ...change }) =>
            seconds === undefined || seconds === null ? change : { ...change, disappearsAfterSeconds: seconds },
          ),
        ),
    })),
  },
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
      async mapIdentities(id, pairs) {
        await mapIdentities('all', pairs)
        return mapIdentities(id, pairs)
      },
      async resolve(id, jids) {
        return resolve('all', await resolve(id, jids))
      },
    })),
  },
  {
    name: 'takes a dialled number for that of the person who was found, also when WhatsApp says it',
    caughtBy: 'takes what comes from WhatsApp for what it says, whatever was dialled',
    wrap: chats(({ resolveDialled }) => ({
      resolve: (id, jids) => Promise.all(jids.map((jid) => resolveDialled(id, jid))),
    })),
  },
  {
    name: 'knows a dialled number by the first answer',
    caughtBy: 'gives a dialled number to whoever has it by now, and takes the newest answer',
    wrap: chats(({ learnDialled }) => ({
      learnDialled: (id, numbers) => learnDialled(id, numbers.slice(0, 1)),
    })),
  },
  {
    name: 'keeps the LID that it learned first',
    caughtBy: 'gives a phone number that moves to another LID the new one, and leaves the old chat alone',
    wrap: mappingOnly(({ pn, lid }, known) => known === pn || known === lid),
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
    wrap: mappingOnly(({ lid }, known) => known !== lid),
  },
  {
    name: 'forgets identities when it is closed',
    caughtBy: 'finds identities after close and open',
    wrap: onceReopened(chats(() => ({ resolve: async (_id, jids) => [...jids] }))),
  },
  {
    name: 'forgets dialled numbers when it is closed',
    caughtBy: 'finds dialled numbers after close and open',
    wrap: onceReopened(
      chats(({ resolve }) => ({ resolveDialled: async (id, jid) => (await resolve(id, [jid]))[0] ?? jid })),
    ),
  },
  {
    name: 'finds a dialled number under a phone number whose LID it knows',
    caughtBy: 'finds a number under the address that it was found under, and under its LID once that is known',
    wrap: chats(({ resolveDialled, phonesOf }) => ({
      async resolveDialled(id, jid) {
        const found = await resolveDialled(id, jid)
        return (await phonesOf(id, [found])).get(found) ?? found
      },
    })),
  },
  {
    name: 'takes whatever is no group for a person',
    caughtBy: 'makes chats with what their id says, and counts the new ones',
    wrap: chats(({ upsert }) => ({
      async upsert(id, changes) {
        const { chats: changed, created } = await upsert(id, changes)
        return {
          chats: changed.map((chat) => (chat.kind === 'group' ? chat : { ...chat, kind: 'individual' })),
          created,
        }
      },
    })),
  },
  {
    name: 'writes a chat back as it was read, with the change in it',
    caughtBy: 'loses none of many changes that come at once beside messages',
    wrap: chats(({ get, upsert }) => ({
      async upsert(id, changes) {
        const before = await Promise.all(changes.map((change) => get(id, change.id)))
        await tick()
        const whole = changes.map((change, place) => {
          const { unreadCount = 0, archived = false, pinned = false } = before[place] ?? {}
          return { unreadCount, archived, pinned, ...change }
        })
        return upsert(id, whole)
      },
    })),
  },
  {
    name: 'filters chats after it has cut the page',
    caughtBy: 'filters by kind and by archived, on every page',
    wrap: chats(({ page }) => ({
      async page(id, { archived, ...query }) {
        const found = await page(id, query)
        return { ...found, items: found.items.filter((chat) => archived === undefined || chat.archived === archived) }
      },
    })),
  },
  {
    name: 'lists contacts with the last id first',
    caughtBy: 'lists contacts by id, ascending, page by page',
    wrap: chats(({ pageContacts }) => ({
      async pageContacts(...args) {
        const found = await pageContacts(...args)
        return { ...found, items: found.items.reverse() }
      },
    })),
  },
  {
    name: 'finds contacts by their names alone',
    caughtBy: 'finds contacts by any part of a name or of a number, each once, on full pages',
    wrap: chats(({ pageContacts }) => ({
      async pageContacts(id, query) {
        const found = await pageContacts(id, query)
        const { text } = query
        if (text === undefined || /[a-z]/i.test(text)) return found
        return { ...found, items: found.items.filter(({ name, pushName }) => `${name}${pushName}`.includes(text)) }
      },
    })),
  },
  {
    name: 'finds what has a number in it beside what begins with it',
    caughtBy:
      'finds those whose number begins with seven digits or more, and only where there are none those that have them elsewhere',
    wrap: chats(({ pageContacts }) => ({
      async pageContacts(id, { text, ...query }) {
        const isLong = text !== undefined && text.replaceAll(/\D/g, '').length > 6
        // Without its first digit nothing begins so.
        return pageContacts(id, { ...query, ...(text === undefined ? {} : { text: isLong ? text.slice(1) : text }) })
      },
    })),
  },
  {
    name: 'resolves an address that is asked for twice once',
    caughtBy: 'resolves a phone number to its LID once it is known, and everything else to itself',
    wrap: chats(({ resolve }) => ({ resolve: (id, jids) => resolve(id, [...new Set(jids)]) })),
  },
  {
    name: 'shows the phone number of a contact only where one is asked for',
    caughtBy: 'knows the phone numbers of LIDs, and shows them on chats and contacts',
    wrap: chats(({ pageContacts }) => ({
      async pageContacts(...args) {
        const found = await pageContacts(...args)
        return { ...found, items: found.items.map(({ phone: _, ...contact }) => contact) }
      },
    })),
  },
  {
    name: 'keeps one phone number for each LID',
    caughtBy: 'gives a person with a new phone number the new one, and still finds them by the old one',
    wrap: chats(({ resolve, phonesOf }) => ({
      async resolve(id, jids) {
        const lids = await resolve(id, jids)
        const phones = await phonesOf(id, lids)
        return jids.map((jid, place) => {
          const lid = lids[place] ?? jid
          return phones.get(lid) === jid ? lid : jid
        })
      },
    })),
  },
  {
    name: 'leaves mentions as they were written',
    caughtBy: 'moves what a person wrote in groups, and what they are named in there, to the LID',
    wrap: (store) =>
      messages(({ page }) => ({
        async page(id, query) {
          const found = await page(id, query)
          const phones = await store.chats.phonesOf(
            id,
            found.items.flatMap(({ mentions = [] }) => mentions),
          )
          const written = (mentions: readonly string[]) => mentions.map((jid) => phones.get(jid) ?? jid)
          return {
            ...found,
            items: found.items.map(({ mentions, ...message }) =>
              mentions ? { ...message, mentions: written(mentions) } : message,
            ),
          }
        },
      }))(store),
  },
  {
    name: 'takes no more than 100 pairs at once',
    caughtBy: 'takes the pairs of a history sync at once, and moves only the chats that are there',
    wrap: chats(({ mapIdentities }) => ({ mapIdentities: (id, pairs) => mapIdentities(id, pairs.slice(0, 100)) })),
  },
  {
    name: 'forgets the phone number of a LID when one of its numbers goes to another',
    caughtBy: 'gives a person with a new phone number the new one, and still finds them by the old one',
    wrap: chats(({ mapIdentities, resolve, phonesOf }) => {
      const forgotten = new Set<string>()
      return {
        async mapIdentities(id, pairs) {
          const before = await resolve(
            id,
            pairs.map(({ pn }) => pn),
          )
          for (const [place, { lid }] of pairs.entries()) {
            const former = before[place]
            if (former && former !== lid) forgotten.add(former)
            forgotten.delete(lid)
          }
          return mapIdentities(id, pairs)
        },
        phonesOf: async (id, lids) => new Map([...(await phonesOf(id, lids))].filter(([lid]) => !forgotten.has(lid))),
      }
    }),
  },
]
