import type { BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { arrivedAck, refusedByBaileys, toRefused } from './refused-stanza.js'

const ME = { id: '15550000001:1@s.whatsapp.net', lid: '200000000000001:1@lid' }
const CONTEXT = { me: '200000000000001@lid', source: 'live' } as const
const CAROL = '15550000003@s.whatsapp.net'

function stanza(attrs: Record<string, string>, content: BinaryNode[] = []): BinaryNode {
  return { tag: 'message', attrs: { id: 'A1', t: '1764000000', type: 'text', ...attrs }, content }
}

const enc = (attrs: Record<string, string>): BinaryNode => ({ tag: 'enc', attrs, content: Buffer.from('sealed') })

describe('what Baileys takes', () => {
  it.each([
    [{ from: CAROL }],
    [{ from: '200000000000003@lid' }],
    [{ from: '15550000003@hosted' }],
    [{ from: '120363000000000001@g.us', participant: CAROL }],
    [{ from: 'status@broadcast', participant: CAROL }],
    [{ from: '120363000000000001@newsletter' }],
    [{ from: ME.id, recipient: CAROL }],
    // Between the devices of the account, and what has no name that it could be stored by.
    [{ from: 'x@new', category: 'peer' }],
    [{ from: 'x@new', id: '' }],
    [{ from: '' }],
  ])('is left to it: %j', (attrs) => {
    expect(refusedByBaileys(stanza(attrs), ME)).toBeUndefined()
  })
})

describe('what Baileys refuses', () => {
  it.each([
    [{ from: '13135550002@bot' }, { chatId: '13135550002@bot', notice: { kind: 'bot' } }],
    [{ from: '867051314767696:3@bot' }, { chatId: '867051314767696@bot', notice: { kind: 'bot' } }],
    [{ from: '1@msgr' }, { chatId: '1@msgr', notice: { kind: 'unsupported' } }],
    [
      { from: '1@new', participant: '2@bot' },
      { chatId: '1@new', senderId: '2@bot', notice: { kind: 'bot' } },
    ],
    [{ from: '120363000000000001@g.us' }, { chatId: '120363000000000001@g.us', notice: { kind: 'unsupported' } }],
    [
      { from: CAROL, recipient: '15550000009@s.whatsapp.net' },
      { chatId: CAROL, notice: { kind: 'unsupported' } },
    ],
  ])('stands as a placeholder: %j', (attrs, expected) => {
    const given = stanza(attrs, [enc({ type: 'pkmsg' })])
    const wa = refusedByBaileys(given, ME)
    expect(wa && toRefused(given, wa, CONTEXT)).toMatchObject({
      message: { id: 'A1', type: 'placeholder', timestamp: '2025-11-24T16:00:00.000Z', fromMe: false, ...expected },
    })
  })

  it('is what a bot has sealed, from whoever it comes', () => {
    const given = stanza({ from: '120363000000000001@g.us', participant: CAROL }, [enc({ type: 'msmsg' })])
    const wa = refusedByBaileys(given, ME)
    expect(wa && toRefused(given, wa, CONTEXT)).toMatchObject({
      message: { chatId: '120363000000000001@g.us', senderId: CAROL, type: 'placeholder', notice: { kind: 'bot' } },
    })
  })

  it.each([
    [[enc({ type: 'msmsg' }), { tag: 'bot', attrs: { edit: 'inner' } }]],
    [[enc({ type: 'msmsg' }), { tag: 'bot', attrs: { edit: 'last' } }]],
    [[enc({ type: 'msmsg', 'decrypt-fail': 'hide' })]],
  ])('is hidden where no phone shows it: %j', (content) => {
    const given = stanza({ from: '13135550002@bot' }, content)
    const wa = refusedByBaileys(given, ME)
    expect(wa && toRefused(given, wa, CONTEXT)).toMatchObject({ message: { type: 'hidden' } })
  })

  it('stands as a placeholder when what is in the clear is no message', () => {
    const content = Buffer.from([0xff, 0xff, 0xff])
    const given = stanza({ from: '13135550002@bot' }, [{ tag: 'plaintext', attrs: {}, content }])
    const wa = refusedByBaileys(given, ME)
    expect(wa && toRefused(given, wa, CONTEXT)).toMatchObject({ message: { type: 'placeholder' } })
  })
})

describe('the answer', () => {
  it('names what it is about and who answers, and no error', () => {
    const group = { from: '120363000000000001@g.us', participant: CAROL }
    expect(arrivedAck(stanza(group), ME.id)).toEqual({
      tag: 'ack',
      attrs: { id: 'A1', to: group.from, class: 'message', participant: CAROL, type: 'text', from: ME.id },
    })
  })
})
