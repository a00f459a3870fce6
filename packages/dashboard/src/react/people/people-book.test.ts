import type { Client } from '@trunkline/client'
import { expect, it, vi } from 'vitest'
import type { Contact } from '../types.js'
import { PeopleBook } from './people-book.js'

const contact = (id: string, rest: Partial<Contact> = {}): Contact => ({ id, sessionId: 'shop', ...rest })

function bookOf(first: Contact[], others: Contact[]) {
  const listeners = new Map<string, (event: { sessionId: string; contact?: Contact }) => void>()
  const get = vi.fn(async (_: string, id: string) => {
    const found = others.find((each) => each.id === id)
    if (!found) throw new Error('not there')
    return found
  })
  const client = {
    contacts: { list: async () => ({ items: first }), get },
    events: {
      on: (name: string, listener: (event: { sessionId: string; contact?: Contact }) => void) => {
        expect(listeners.has(name)).toBe(false)
        listeners.set(name, listener)
      },
    },
  }
  const book = new PeopleBook(client as unknown as Client, 'shop')
  const tell = (name: string, contact?: Contact) =>
    listeners.get(name)?.({ sessionId: 'shop', ...(contact ? { contact } : {}) })
  return { book, get, tell }
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

it('hears of another name whether or not anybody looks, and tells those who do', async () => {
  const { book, tell } = bookOf([], [])
  const heard = vi.fn()
  const stop = book.subscribe(heard)
  tell('contact.updated', contact('e@lid', { pushName: 'Eva' }))
  expect([book.nameOf('e@lid'), heard.mock.calls.length]).toEqual(['~Eva', 1])
  stop()
  tell('contact.updated', contact('e@lid', { name: 'Eva of Lima' }))
  expect([book.nameOf('e@lid'), heard.mock.calls.length]).toEqual(['Eva of Lima', 1])
})

it('asks again for whom nobody knew once news were lost', async () => {
  const others: Contact[] = []
  const { book, get, tell } = bookOf([contact('a@lid', { name: 'Ana' })], others)
  book.want('a@lid')
  book.want('f@lid')
  await vi.waitFor(() => expect(get).toHaveBeenCalledTimes(1))
  others.push(contact('f@lid', { pushName: 'Fay' }))
  tell('events.gap')
  await vi.waitFor(() => expect(book.nameOf('f@lid')).toBe('~Fay'))
  expect(get.mock.calls.map(([, id]) => id)).toEqual(['f@lid', 'f@lid'])
})
