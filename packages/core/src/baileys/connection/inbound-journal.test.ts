import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { Journal, JournalEntry } from '../signal-engine.js'
import { InboundJournal } from './inbound-journal.js'

const ME = { id: '15550000001:3@s.whatsapp.net', lid: '200000000000001:3@lid' }

function setUp(entries: JournalEntry[] = []) {
  const settled: string[][] = []
  const engine: Journal = {
    expect: () => undefined,
    list: async () => entries,
    settle: (ids) => void (ids.length > 0 && settled.push([...ids])),
    flush: async () => undefined,
  }
  const journal = new InboundJournal(engine, (ciphertext) => Buffer.from(ciphertext).toString())
  /** The entries that are forgotten with a message. */
  const entriesOf = async (message: Parameters<InboundJournal['became']>[0]) => {
    const before = settled.length
    await journal.became(message, { isForBaileys: false })()
    return settled.slice(before).flat()
  }
  return { journal, settled, entriesOf }
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
  ])('are found by what Baileys makes of one from %s, once', async (_sender, attrs, key) => {
    const { journal, entriesOf } = setUp()
    journal.arriving(stanza(attrs))
    expect(await entriesOf({ key: { id: 'B', ...key } })).toEqual([])
    expect(await entriesOf({ key: { id: 'A', ...key } })).toEqual(['ciphertext'])
    expect(await entriesOf({ key: { id: 'A', ...key } })).toEqual([])
  })

  it('are those of every ciphertext of a message that was asked for again', async () => {
    const { journal, entriesOf } = setUp()
    for (const ciphertext of ['readable', 'retried', 'retried'])
      journal.arriving(stanza({ from: '200000000000003@lid' }, ciphertext))
    const key = { id: 'A', remoteJid: '200000000000003@lid' }
    expect(await entriesOf({ key })).toEqual(['readable', 'retried'])
  })

  it('of one that is for Baileys itself are forgotten with the next encrypted one, or with the history that it brings', async () => {
    const { journal, settled } = setUp()
    const from = { from: '200000000000003@lid' }
    const keyed = (id: string) => ({ key: { id, remoteJid: '200000000000003@lid' } })
    for (const id of ['A', 'B', 'C']) journal.arriving(stanza({ ...from, id }, `of ${id}`))
    journal.became(keyed('A'), { isForBaileys: true })
    journal.became(keyed('not encrypted'), { isForBaileys: true })
    expect(settled).toEqual([])
    journal.became(keyed('B'), { isForBaileys: true })
    expect(settled).toEqual([['of A']])
    const settleHistory = journal.carriedOut()
    journal.became(keyed('C'), { isForBaileys: false })
    expect(settled).toEqual([['of A']])
    await settleHistory()
    expect(settled).toEqual([['of A'], ['of B']])
  })
})

describe('what Baileys was working on when the process ended', () => {
  const plaintext = proto.Message.encode({ protocolMessage: { type: 5 } }).finish()
  const attributes = { stanza: { id: 'A', from: '15550000001@s.whatsapp.net', t: '1764000000', category: 'peer' } }
  const entry = { id: 'ciphertext', attributes, plaintext: Buffer.concat([plaintext, Buffer.from([1])]) }

  it('is finished when the server does not send it again, and forgotten after that', async () => {
    const { journal, entriesOf } = setUp([entry])
    for (const { id, message } of await journal.drain(ME)) if (message) journal.postpone(id, message)
    const [message, ...others] = journal.finish()
    expect(others).toEqual([])
    expect(message).toMatchObject({ key: { id: 'A', fromMe: true }, message: { protocolMessage: { type: 5 } } })
    expect(message && (await entriesOf(message))).toEqual(['ciphertext'])
    expect(journal.finish()).toEqual([])
  })

  it('is left to Baileys when the server sends it again', async () => {
    const { journal } = setUp([entry])
    for (const { id, message } of await journal.drain(ME)) if (message) journal.postpone(id, message)
    journal.arriving(stanza({ from: '15550000001@s.whatsapp.net', category: 'peer' }))
    expect(journal.finish()).toEqual([])
  })
})
