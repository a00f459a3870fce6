import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { Journal, JournalEntry } from '../signal-engine.js'
import { InboundJournal } from './inbound-journal.js'

const ME = { id: '15550000001:3@s.whatsapp.net', lid: '200000000000001:3@lid' }

function setUp(entries: JournalEntry[] = []): InboundJournal {
  const journal: Journal = {
    expect: () => undefined,
    list: async () => entries,
    settle: () => undefined,
    flush: async () => undefined,
  }
  return new InboundJournal(journal, (ciphertext) => Buffer.from(ciphertext).toString())
}

const stanza = (attrs: Record<string, string>, ciphertext = 'ciphertext'): BinaryNode => ({
  tag: 'message',
  attrs: { id: 'A', t: '1764000000', ...attrs },
  content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.from(ciphertext) }],
})

describe('the entries of a message', () => {
  // What Baileys hands on has no devices in its key; the stanza has.
  it.each([
    ['a phone', { from: '15550000003@s.whatsapp.net' }, { remoteJid: '15550000003@s.whatsapp.net' }],
    ['a companion', { from: '200000000000003:15@lid' }, { remoteJid: '200000000000003@lid' }],
    ['a hosted device', { from: '15550000003:99@hosted' }, { remoteJid: '15550000003@s.whatsapp.net' }],
    [
      'a companion in a group',
      { from: '120363000000000001@g.us', participant: '200000000000003:15@lid' },
      { remoteJid: '120363000000000001@g.us', participant: '200000000000003@lid' },
    ],
    [
      'another device of the account',
      { from: '15550000001:2@s.whatsapp.net', recipient: '200000000000003@lid' },
      { remoteJid: '200000000000003@lid', participant: '' },
    ],
  ])('are found by what Baileys makes of one from %s, once', (_sender, attrs, key) => {
    const journal = setUp()
    journal.arriving(stanza(attrs))
    expect(journal.take({ key: { id: 'B', ...key } })).toEqual([])
    expect(journal.take({ key: { id: 'A', ...key } })).toEqual(['ciphertext'])
    expect(journal.take({ key: { id: 'A', ...key } })).toEqual([])
  })

  it('are those of every ciphertext of a message that was asked for again', () => {
    const journal = setUp()
    for (const ciphertext of ['readable', 'retried', 'retried'])
      journal.arriving(stanza({ from: '200000000000003@lid' }, ciphertext))
    const key = { id: 'A', remoteJid: '200000000000003@lid' }
    expect(journal.take({ key })).toEqual(['readable', 'retried'])
  })
})

describe('what Baileys was working on when the process ended', () => {
  const plaintext = proto.Message.encode({ protocolMessage: { type: 5 } }).finish()
  const attributes = { stanza: { id: 'A', from: '15550000001@s.whatsapp.net', t: '1764000000', category: 'peer' } }
  const entry = { id: 'ciphertext', attributes, plaintext: Buffer.concat([plaintext, Buffer.from([1])]) }

  it('is finished when the server does not send it again, and forgotten after that', async () => {
    const journal = setUp([entry])
    for (const { id, message } of await journal.drain(ME)) if (message) journal.postpone(id, message)
    const [message, ...others] = journal.finish()
    expect(others).toEqual([])
    expect(message).toMatchObject({ key: { id: 'A', fromMe: true }, message: { protocolMessage: { type: 5 } } })
    expect(message && journal.take(message)).toEqual(['ciphertext'])
    expect(journal.finish()).toEqual([])
  })

  it('is left to Baileys when the server sends it again', async () => {
    const journal = setUp([entry])
    for (const { id, message } of await journal.drain(ME)) if (message) journal.postpone(id, message)
    journal.arriving(stanza({ from: '15550000001@s.whatsapp.net', category: 'peer' }))
    expect(journal.finish()).toEqual([])
  })
})
