import type { Client } from '@trunkline/client'
import { useEffect, useSyncExternalStore } from 'react'
import { chatName } from '../conversation/message-text.js'
import { useTrunkline } from '../provider.js'
import type { Chat } from '../types.js'
import { PeopleBook } from './people-book.js'

const BOOKS = new WeakMap<Client, Map<string, PeopleBook>>()

/** One for a session, whoever asks. */
export function peopleOf(client: Client, sessionId: string): PeopleBook {
  const books = BOOKS.get(client) ?? new Map<string, PeopleBook>()
  BOOKS.set(client, books)
  const book = books.get(sessionId) ?? new PeopleBook(client, sessionId)
  books.set(sessionId, book)
  return book
}

/** What somebody is called, as soon as it is known. Nobody is asked about when `id` is left out. */
export function usePersonName(sessionId: string, id: string | undefined): string | undefined {
  const { client } = useTrunkline()
  const book = peopleOf(client, sessionId)
  useEffect(() => {
    if (id !== undefined) book.want(id)
  }, [book, id])
  return useSyncExternalStore(book.subscribe, () => (id === undefined ? undefined : book.nameOf(id)))
}

/** What a chat is called: by its name, by that of its person, or by its number. */
export function useChatName(chat: Chat): string {
  const asked = chat.name === undefined && chat.kind === 'individual' ? chat.id : undefined
  const person = usePersonName(chat.sessionId, asked)
  return chat.name ?? person ?? chatName(chat)
}
