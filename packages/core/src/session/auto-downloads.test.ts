import { expect, it } from 'vitest'
import type { Message, MessageType } from '../types/message.js'
import { isWanted } from './auto-downloads.js'

const limits = { image: 100, voice: 50 }

it.each([
  ['a picture within its limit', 'image', { bytes: 100 }, true],
  ['a larger picture', 'image', { bytes: 101 }, false],
  ['a picture of which nobody says how large it is', 'image', { bytes: 0 }, false],
  ['a picture that is here', 'image', { bytes: 1, state: 'stored' }, false],
  ['a picture that is gone', 'image', { bytes: 1, state: 'expired' }, false],
  ['a voice note', 'voice', { bytes: 50 }, true],
  ['a film, of which nothing was said', 'video', { bytes: 1 }, false],
  ['a text', 'text', undefined, false],
  ['a type that every object has a field of', 'toString', { bytes: 1 }, false],
])('%s is fetched ahead: %s %o → %s', (_, type, media, wanted) => {
  const file = media && { mimetype: 'a/b', state: 'remote', ...media }
  const message = { type: type as MessageType, media: file } as Message
  expect(isWanted(message, limits)).toBe(wanted)
  expect(isWanted(message, undefined)).toBe(false)
})
