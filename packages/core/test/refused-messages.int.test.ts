import type { Phone } from '@trunkline/simulator'
import { type BinaryNode, decodeBinaryNode, proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type Store } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'
import { storeFaults } from './support/store-faults.js'

const ANA = '15550000001'
const CAROL = '15550000003'
const CAROL_JID = `${CAROL}@s.whatsapp.net`

type Change = (stanza: BinaryNode) => BinaryNode
const from =
  (jid: string, more: Record<string, string> = {}): Change =>
  ({ attrs: { participant: _, ...attrs }, ...stanza }) => ({ ...stanza, attrs: { ...attrs, from: jid, ...more } })

/** As bots seal what they answer: with a secret instead of a Signal session. */
const sealedByBot = (edit: string): Change => {
  const content: BinaryNode[] = [
    { tag: 'enc', attrs: { v: '2', type: 'msmsg' }, content: Buffer.from('sealed') },
    { tag: 'bot', attrs: { edit } },
  ]
  return (stanza) => ({ ...stanza, content })
}

describe('a message that Baileys refuses before it decrypts anything', () => {
  let live: Live
  let store: Store
  let trunk: LiveManager
  let carol: Phone
  let acks: BinaryNode['attrs'][]

  beforeEach(async () => {
    live = await Live.start('refused-messages')
    const ana = await live.phone(ANA, 'Ana')
    carol = await live.phone(CAROL, 'Carol')
    store = createMemoryStore()
    trunk = live.manager({ store })
    await trunk.link('ana', ana)
    acks = []
    const heard = ({ attrs }: BinaryNode) => attrs.class === 'message' && acks.push(attrs) < 0
    live.simulator.faults.on({ number: ANA, device: 1, direction: 'in', tag: 'ack', where: heard }, { do: 'drop' })
  })

  afterEach(() => live[Symbol.asyncDispose]())

  function arrivesAs(change: Change, { times = 1 } = {}) {
    live.simulator.faults.on(
      { number: ANA, device: 1, direction: 'out', tag: 'message', where: ({ attrs }) => attrs.category !== 'peer' },
      { do: 'replace', with: change },
      { times },
    )
  }

  const stored = (id: string) => trunk.manager.message('ana', { id }, { raw: true })
  const answered = (id: string) =>
    eventually(
      () => acks.filter((ack) => ack.id === id),
      (found) => found.length > 0,
    )

  it.each<[string, { change: Change; kind: string; chatId: string; chatKind: string }]>([
    ['a bot', { change: from('13135550002@bot'), kind: 'bot', chatId: '13135550002@bot', chatKind: 'other' }],
    ['Messenger', { change: from('100012345@msgr'), kind: 'unsupported', chatId: '100012345@msgr', chatKind: 'other' }],
    [
      'another network',
      { change: from('1-abc@interop'), kind: 'unsupported', chatId: '1-abc@interop', chatKind: 'other' },
    ],
    ['a server of tomorrow', { change: from('who@new'), kind: 'unsupported', chatId: 'who@new', chatKind: 'other' }],
    [
      'nobody in a group',
      {
        change: from('120363000000000077@g.us'),
        kind: 'unsupported',
        chatId: '120363000000000077@g.us',
        chatKind: 'group',
      },
    ],
    [
      'nobody in a list',
      {
        change: from('1437398290@broadcast'),
        kind: 'unsupported',
        chatId: '1437398290@broadcast',
        chatKind: 'broadcast',
      },
    ],
    [
      'somebody else than the account, to somebody else',
      {
        change: from(CAROL_JID, { recipient: '15550000009@s.whatsapp.net' }),
        kind: 'unsupported',
        chatId: CAROL_JID,
        chatKind: 'individual',
      },
    ],
  ])(
    'leaves a placeholder with its raw form, and is acknowledged: from %s',
    async (_, { change, kind, chatId, chatKind }) => {
      arrivesAs(change)
      const { id } = await carol.sendText(ANA, 'who can read this?')
      const { message } = await trunk.heardEvent('message.notice', 'ana', (event) => event.message.id === id)
      expect(message).toMatchObject({ chatId, type: 'placeholder', notice: { kind }, fromMe: false })
      expect(await answered(id)).toHaveLength(1)
      expect((await answered(id))[0]).not.toHaveProperty('error')
      const { raw } = await stored(id)
      const stanza = await decodeBinaryNode(Buffer.from(raw ?? []))
      expect(stanza).toMatchObject({ tag: 'message', attrs: { id } })
      expect(await trunk.manager.chat('ana', chatId)).toMatchObject({ kind: chatKind, unreadCount: 0 })
      expect((await trunk.manager.messages('ana', { chatId })).items.map((one) => one.id)).toEqual([id])
    },
  )

  it('says what it says where that is in the clear', async () => {
    const content = proto.Message.encode({ conversation: 'I am a bot' }).finish()
    arrivesAs((stanza) => ({ ...from('13135550002@bot')(stanza), content: [{ tag: 'plaintext', attrs: {}, content }] }))
    const { id } = await carol.sendText(ANA, 'anything')
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message).toMatchObject({ chatId: '13135550002@bot', senderId: '13135550002@bot', text: 'I am a bot' })
  })

  it('is what a bot has sealed: a placeholder, and nothing that is seen for each further piece of it', async () => {
    arrivesAs(sealedByBot('first'))
    const first = await carol.sendText(ANA, 'one')
    await trunk.heardEvent('message.notice', 'ana', ({ message }) => message.id === first.id)
    arrivesAs(sealedByBot('inner'))
    const inner = await carol.sendText(ANA, 'two')
    await answered(inner.id)
    expect(await stored(first.id)).toMatchObject({ type: 'placeholder', notice: { kind: 'bot' } })
    const piece = await stored(inner.id)
    expect([piece.type, piece.raw?.length]).toEqual(['hidden', expect.any(Number)])
    const { items } = await trunk.manager.messages('ana')
    expect(items.map(({ id }) => id)).toEqual([first.id])
  })

  it('is not acknowledged while the store fails, and comes again', async () => {
    const faults = storeFaults(store)
    arrivesAs(from('13135550002@bot'), { times: 2 })
    faults.failing.add('messages.record').add('messages.upsert')
    const begun = trunk.heard.length
    const { id } = await carol.sendText(ANA, 'keep this')
    await trunk.status('ana', 'reconnecting', begun)
    expect(acks.filter((ack) => ack.id === id)).toEqual([])
    faults.failing.clear()
    await trunk.heardEvent('message.notice', 'ana', ({ message }) => message.id === id)
    expect(await answered(id)).toHaveLength(1)
  })

  it('gives way to the message itself when that is told later', async () => {
    arrivesAs(from(CAROL_JID, { recipient: '15550000009@s.whatsapp.net' }))
    const { id } = await carol.sendText(ANA, 'later')
    await trunk.heardEvent('message.notice', 'ana', ({ message }) => message.id === id)
    const placeholder = await stored(id)
    const { notice: _, raw: __, ...rest } = placeholder
    await store.messages.upsert('ana', [{ ...rest, type: 'text', text: 'later' }])
    expect(await stored(id)).toMatchObject({ type: 'text', text: 'later' })
  })
})
