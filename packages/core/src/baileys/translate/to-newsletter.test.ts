import { expect, it } from 'vitest'
import { toNewsletter } from './to-newsletter.js'

const ID = '120363000000000001@newsletter'
const pictureOf = (thread: Record<string, unknown>) => toNewsletter({ id: ID, thread_metadata: thread })?.pictureUrl

it.each<[string, Record<string, unknown>, string | undefined]>([
  [
    'in full before the small one',
    { picture: { direct_path: '/v/full.jpg?x=1' }, preview: { direct_path: '/v/small.jpg' } },
    'https://pps.whatsapp.net/v/full.jpg?x=1',
  ],
  ['small where there is no other', { picture: null, preview: { direct_path: '/s' } }, 'https://pps.whatsapp.net/s'],
  ['not where there is none', { picture: { id: '0', direct_path: '' } }, undefined],
  ['not where nothing is said of it', {}, undefined],
  ['not at another host', { picture: { direct_path: '//elsewhere.example/a.jpg' } }, undefined],
  ['not where it is no path', { picture: { direct_path: 'https://elsewhere.example/a.jpg' } }, undefined],
  ['not where it is no text', { picture: { direct_path: { a: 1 } } }, undefined],
])('the picture of a channel is told %s', (_, thread, url) => {
  expect(pictureOf(thread)).toBe(url)
})
