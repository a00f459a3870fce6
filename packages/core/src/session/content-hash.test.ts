import { describe, expect, it } from 'vitest'
import type { MessageContent } from '../types/content.js'
import { contentHashOf } from './content-hash.js'

const content: MessageContent = { text: 'hello', mentions: ['15550000003'], quotedMessageId: 'Q' }

describe('the hash of a content', () => {
  it.each<[string, MessageContent]>([
    ['the type spelled out', { type: 'text', ...content }],
    ['the fields in another order', { quotedMessageId: 'Q', mentions: ['15550000003'], text: 'hello' }],
    ['a mention in another form', { ...content, mentions: ['+1 555-000-0003'] }],
    ['a mention as a JID', { ...content, mentions: ['15550000003@s.whatsapp.net'] }],
  ])('is the same for %s', (_name, same) => {
    expect(contentHashOf(same)).toBe(contentHashOf(content))
  })

  it('is the same for no mentions and an empty list of them', () => {
    expect(contentHashOf({ text: 'a', mentions: [] })).toBe(contentHashOf({ text: 'a' }))
  })

  it.each<[string, MessageContent]>([
    ['another text', { ...content, text: 'Hello' }],
    ['other mentions', { ...content, mentions: ['15550000004'] }],
    ['one more mention', { ...content, mentions: ['15550000003', '15550000004'] }],
    ['no mentions', { text: 'hello', quotedMessageId: 'Q' }],
    ['another quote', { ...content, quotedMessageId: 'R' }],
    ['no quote', { text: 'hello', mentions: ['15550000003'] }],
  ])('is another one for %s', (_name, other) => {
    expect(contentHashOf(other)).not.toBe(contentHashOf(content))
  })
})
