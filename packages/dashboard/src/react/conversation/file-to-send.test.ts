import { expect, it } from 'vitest'
import { kindOf } from './file-to-send.js'

it.each([
  ['image/png', 10, 'image'],
  ['image/svg+xml', 10, 'document'],
  ['image/jpeg', 17 * 1024 * 1024, 'document'],
  ['video/mp4', 10, 'video'],
  ['video/x-matroska', 10, 'document'],
  ['audio/mpeg', 10, 'audio'],
  ['application/pdf', 10, 'document'],
  ['', 10, 'document'],
])('%s of %i bytes is sent as %s', (type, size, kind) => expect(kindOf({ type, size })).toBe(kind))
