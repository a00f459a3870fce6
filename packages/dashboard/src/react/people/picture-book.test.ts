import { type Client, ClientError } from '@trunkline/client'
import { expect, it, vi } from 'vitest'
import { PictureBook } from './picture-book.js'

/** A server that answers when the test says so. */
function bookOf() {
  const asked: {
    id: string
    shown(): void
    refused(code: 'PICTURE_NOT_FOUND' | 'RATE_LIMITED', retryAfterMs?: number): void
  }[] = []
  const getPictureFile = (_: string, id: string) =>
    new Promise<Response>((resolve, reject) => {
      asked.push({
        id,
        shown: () => resolve(new Response(new Blob(['jpeg']))),
        refused: (code, retryAfterMs) =>
          reject(new ClientError(code, { message: code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })),
      })
    })
  const clock = { now: 1_000 }
  const client = { contacts: { getPictureFile } } as unknown as Client
  return { asked, clock, book: new PictureBook(client, 'shop', () => clock.now) }
}

const idsOf = (asked: readonly { id: string }[]) => asked.map(({ id }) => id)

it('asks for two at a time, and for nobody who has left the view meanwhile', async () => {
  const { asked, book } = bookOf()
  for (const id of ['a', 'b', 'c', 'd', 'a']) book.want(id)
  book.leave('c')
  expect(idsOf(asked)).toEqual(['a', 'b'])
  asked[0]?.shown()
  await vi.waitFor(() => expect(idsOf(asked)).toEqual(['a', 'b', 'd']))
  expect([book.pictureOf('a'), book.pictureOf('b')]).toEqual([expect.stringMatching(/^blob:/), undefined])
})

it('does not ask again for hours about somebody who has no picture', async () => {
  const { asked, clock, book } = bookOf()
  const heard = vi.fn()
  book.subscribe(heard)
  book.want('a')
  asked[0]?.refused('PICTURE_NOT_FOUND')
  await vi.waitFor(() => expect(heard).toHaveBeenCalled())
  clock.now += 5 * 60 * 60 * 1_000
  book.want('a')
  expect(idsOf(asked)).toEqual(['a'])
  clock.now += 60 * 60 * 1_000
  book.want('a')
  expect(idsOf(asked)).toEqual(['a', 'a'])
})

it('asks about nobody for as long as the server says, and for a minute at least', async () => {
  const { asked, clock, book } = bookOf()
  for (const id of ['a', 'b', 'c']) book.want(id)
  asked[0]?.refused('RATE_LIMITED', 90_000)
  asked[1]?.refused('RATE_LIMITED', 90_000)
  await new Promise((resolve) => setImmediate(resolve))
  clock.now += 89_000
  book.want('d')
  expect(idsOf(asked)).toEqual(['a', 'b'])
  clock.now += 1_000
  book.want('a')
  expect(idsOf(asked)).toEqual(['a', 'b', 'c', 'd'])
})
