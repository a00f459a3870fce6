import { expect, it } from 'vitest'
import { mediaTypeFor, sniffed } from './sniffed.js'

it.each([
  ['image/jpeg', '\xff\xd8\xff\xe0'],
  ['video/mp4', '\0\0\0\x20ftypisom'],
  ['video/webm', '\x1aE\xdf\xa3'],
  ['audio/mpeg', '\xff\xfb\x90'],
  ['audio/aac', '\xff\xf1P'],
  ['application/octet-stream', 'hello'],
  ['application/octet-stream', ''],
])('%s is known by its first bytes', (mediaType, beginning) => {
  expect(sniffed(Buffer.from(beginning, 'latin1'))).toBe(mediaType)
})

const NOTHING = 'application/octet-stream'

it.each([
  ['a picture of which nothing is said', 'image', undefined, 'image/png', 'image/png'],
  ['a picture that curl or a server calls a file', 'image', NOTHING, 'image/png', 'image/png'],
  ['a picture under a type of S3', 'image', 'binary/octet-stream', 'image/jpeg', 'image/jpeg'],
  ['a picture that is said to be a page', 'image', 'text/html', 'image/jpeg', 'image/jpeg'],
  ['a picture of a kind that its bytes do not tell', 'image', 'image/heic', 'video/mp4', 'image/heic'],
  ['a page as a picture', 'image', 'text/html', NOTHING, undefined],
  ['a PDF that is said to be a picture', 'image', 'image/png', 'application/pdf', undefined],
  ['a film that curl calls a file', 'video', NOTHING, 'video/mp4', 'video/mp4'],
  ['a film in Ogg', 'video', undefined, 'audio/ogg', 'video/ogg'],
  ['a picture as a film', 'video', undefined, 'image/png', undefined],
  ['a picture that is said to be a film', 'video', 'video/mp4', 'image/png', undefined],
  ['a film that its bytes do not tell', 'video', 'video/3gpp', NOTHING, 'video/3gpp'],
  ['a film of which nobody knows anything', 'video', undefined, NOTHING, NOTHING],
  ['sound in MP4', 'audio', undefined, 'video/mp4', 'audio/mp4'],
  ['sound that is said to be some', 'audio', 'audio/mp4', 'video/mp4', 'audio/mp4'],
  ['a text as sound', 'audio', 'text/plain', NOTHING, undefined],
  ['a document of which nothing is said', 'document', NOTHING, 'application/pdf', 'application/pdf'],
  ['a document as it is said', 'document', 'text/html', 'image/png', 'text/html'],
] as const)('%s', (_, type, said, found, sent) => {
  expect(mediaTypeFor(type, { said, found })).toBe(sent)
})
