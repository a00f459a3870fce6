import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { writeAsChange } from './channel-change.js'

const FROM = '120363000000000001@newsletter'
const WORDS = Buffer.from(proto.Message.encode({ conversation: 'new words' }).finish())
const { Type } = proto.Message.ProtocolMessage

function written(attrs: Record<string, string>, content: Uint8Array, beside: BinaryNode[] = []): Uint8Array {
  const plaintext: BinaryNode = { tag: 'plaintext', attrs: {}, content }
  writeAsChange({ tag: 'message', attrs: { from: FROM, id: 'A', ...attrs }, content: [plaintext, ...beside] })
  return plaintext.content as Uint8Array
}

const changeIn = (content: Uint8Array) => proto.Message.decode(content).protocolMessage

it.each(['1', '3'])('other words of a post, told by %s, are written as an edit', (edit) => {
  const meta = { tag: 'meta', attrs: { msg_edit_t: '1795000000123' } }
  const change = changeIn(written({ edit }, WORDS, [meta]))
  expect(change).toMatchObject({ type: Type.MESSAGE_EDIT, editedMessage: { conversation: 'new words' } })
  expect([change?.key?.id, change?.key?.remoteJid, Number(change?.timestampMs)]).toEqual(['A', FROM, 1795000000123])
  for (const time of ['', 'soon', '-1', '1e999'])
    expect(
      Number(changeIn(written({ edit }, WORDS, [{ tag: 'meta', attrs: { msg_edit_t: time } }]))?.timestampMs),
    ).toBe(0)
})

it.each(['7', '8'])('the end of a post, told by %s, is written as one', (edit) => {
  const change = changeIn(written({ edit }, new Uint8Array()))
  expect([change?.type, change?.key?.id]).toEqual([Type.REVOKE, 'A'])
})

it.each<[string, Record<string, string>, Uint8Array]>([
  ['a post', {}, WORDS],
  ['a number that nobody knows', { edit: '9' }, WORDS],
  ['another chat', { edit: '3', from: '120363000000000001@g.us' }, WORDS],
  ['one without an id', { edit: '3', id: '' }, WORDS],
  ['what cannot be read', { edit: '3' }, Uint8Array.of(0xff, 0xff, 0xff)],
  [
    'what is a change already',
    { edit: '3' },
    proto.Message.encode({ protocolMessage: { key: { id: 'B' }, type: Type.REVOKE } }).finish(),
  ],
])('%s is left as it is', (_, attrs, content) => {
  expect(written(attrs, content)).toBe(content)
})
