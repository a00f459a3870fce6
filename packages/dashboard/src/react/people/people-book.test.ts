import type { Client } from '@trunkline/client'
import { expect, it, vi } from 'vitest'
import type { Contact } from '../types.js'
import { PeopleBook } from './people-book.js'

const contact = (id: string, rest: Partial<Contact> = {}): Contact => ({ id, sessionId: 'shop', ...rest })

function bookOf(first: Contact[], others: Contact[]) {
  const listeners: ((event: { sessionId: string; contact: Contact }) => void)[] = []
  const get = vi.fn(async (_: string, id: string) => {
    const found = others.find((each) => each.id === id)
    if (!found) throw new Error('not there')
    return found
  })
  const client = {
    contacts: { list: async () => ({ items: first }), get },
    events: {
      on: (_: string, listener: (typeof listeners)[number]) => {
        listeners.push(listener)
        return () => listeners.splice(listeners.indexOf(listener), 1)
      },
    },
  }
  const book = new PeopleBook(client as unknown as Client, 'shop')
  return { book, get, listeners }
}

it('knows the name of the address book before the one that people gave themselves', async () => {
  const { book } = bookOf(
    [contact('a@lid', { name: 'Ana', pushName: 'anita' }), contact('b@lid', { pushName: 'Ben' })],
    [],
  )
  book.want('a@lid')
  await vi.waitFor(() => expect(book.nameOf('a@lid')).toBe('Ana'))
  expect(book.nameOf('b@lid')).toBe('~Ben')
})

it('asks for each of the others once, whether they are known or not', async () => {
  const { book, get } = bookOf([], [contact('c@lid', { pushName: 'Carla' })])
  for (const id of ['c@lid', 'd@lid', 'c@lid']) book.want(id)
  await vi.waitFor(() => expect(book.nameOf('c@lid')).toBe('~Carla'))
  book.want('d@lid')
  await vi.waitFor(() => expect(get.mock.calls.map(([, id]) => id)).toEqual(['c@lid', 'd@lid']))
})

it('hears of another name for as long as somebody listens', async () => {
  const { book, listeners } = bookOf([], [])
  const heard = vi.fn()
  const stop = book.subscribe(heard)
  for (const listener of listeners) listener({ sessionId: 'shop', contact: contact('e@lid', { pushName: 'Eva' }) })
  expect([book.nameOf('e@lid'), heard.mock.calls.length]).toEqual(['~Eva', 1])
  stop()
  expect(listeners).toEqual([])
})
