import type { Phone } from '@trunkline/simulator'
import { proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone
let carol: Phone

beforeEach(async () => {
  live = await Live.start('message-actions')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  carol = await live.phone(CAROL, 'Carol')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

const messages = () => trunk.manager.session('ana').messages

async function group(): Promise<string> {
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA, CAROL] })
  return jid
}

/** What every phone of the chat comes to show of a message, the account's own among them. */
async function everybodySees(id: string, chat: string, expected: object): Promise<void> {
  const phones = chat.endsWith('@g.us') ? [ana, ben, carol] : [ana, ben]
  for (const phone of phones) {
    const lines = await eventually(
      () => phone.shown(chat.endsWith('@g.us') ? chat : phone === ana ? BEN : ANA).filter((line) => line.id === id),
      ([line]) => line !== undefined && Object.entries(expected).every(([name, value]) => isSame(line, name, value)),
    )
    expect(lines).toMatchObject([expected])
    expect(phone.failures).toEqual([])
  }
}

const isSame = (line: object, name: string, value: unknown) =>
  JSON.stringify(Reflect.get(line, name)) === JSON.stringify(value)

describe.each(['a person', 'a group'])('in a chat with %s', (kind) => {
  let to: string
  let theirs: string
  let ours: string

  beforeEach(async () => {
    to = kind === 'a group' ? await group() : BEN
    theirs = (await ben.sendText(kind === 'a group' ? to : ANA, 'by Ben')).id
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === theirs)
    ours = (await trunk.manager.send('ana', { to, text: 'by the account' })).id
  })

  it('a reaction is shown, replaced and taken back, on messages of both sides', async () => {
    for (const id of [theirs, ours]) {
      for (const emoji of ['👍', '❤️', '']) {
        const message = await messages().react({ id }, emoji)
        const { reaction } = await trunk.heardEvent(
          'message.reaction',
          'ana',
          (heard) => heard.message.id === id && heard.reaction.emoji === emoji,
        )
        const expected = emoji ? [{ senderId: ana.lid, emoji, at: reaction.at }] : []
        expect(message.reactions).toEqual(expected)
        expect((await messages().get({ id })).reactions).toEqual(expected)
        await everybodySees(id, to, { reactions: emoji ? { [ana.jid]: emoji } : {} })
      }
    }
  })

  it('an own message gets another text, and keeps what it answered', async () => {
    const { id } = await trunk.manager.send('ana', { to, text: 'frist', quotedMessageId: theirs })
    const edited = await messages().edit({ id }, { text: 'first @15550000003', mentions: [CAROL] })
    expect(edited).toMatchObject({
      text: 'first @15550000003',
      editedAt: expect.any(String),
      quotedMessageId: theirs,
      type: 'text',
    })
    expect(edited.mentions).toHaveLength(1)
    await trunk.heardEvent('message.edited', 'ana', ({ message }) => message.id === id)
    await everybodySees(id, to, { text: 'first @15550000003', edited: true })
    const told = await ben.waitForMessage(({ message }) => message.protocolMessage?.editedMessage != null)
    expect(told.message.protocolMessage?.editedMessage?.extendedTextMessage?.contextInfo?.mentionedJid).toHaveLength(1)
    // A second one counts too.
    await messages().edit({ id }, { text: 'first' })
    await everybodySees(id, to, { text: 'first', edited: true })
    expect(await messages().get({ id })).not.toHaveProperty('mentions')
  })

  it('an own message is deleted for everyone, and is no more to be reacted to', async () => {
    await messages().react({ id: ours }, '👍')
    expect(await messages().delete({ id: ours })).toMatchObject({ deletedAt: expect.any(String), reactions: [] })
    await trunk.heardEvent('message.deleted', 'ana', ({ message }) => message.id === ours)
    await everybodySees(ours, to, { deleted: true, reactions: {} })
    await expect(messages().react({ id: ours }, '👍')).rejects.toMatchObject({
      code: 'MESSAGE_NOT_CHANGEABLE',
      details: { messageId: ours, reason: 'deleted' },
    })
  })

  it('what somebody else wrote is neither edited nor deleted', async () => {
    const refused = { code: 'MESSAGE_NOT_CHANGEABLE', details: { messageId: theirs, reason: 'not-own' } }
    await expect(messages().edit({ id: theirs }, { text: 'by me' })).rejects.toMatchObject(refused)
    await expect(messages().delete({ id: theirs })).rejects.toMatchObject(refused)
    await everybodySees(theirs, to, { text: 'by Ben', edited: false, deleted: false })
  })
})

it('an admin of a group deletes what a member wrote', async () => {
  const jid = await group()
  const { id } = await ben.sendText(jid, 'by Ben')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
  await live.simulator.changeGroup(jid, { promote: [ANA] })
  await trunk.heardEvent('group.updated', 'ana', ({ change }) => change.action === 'promoted')
  expect(await messages().delete({ id })).toMatchObject({ deletedAt: expect.any(String) })
  await everybodySees(id, jid, { deleted: true })
})

it('the caption of a picture is edited, and the picture stays', async () => {
  const fields = { mimetype: 'image/jpeg', caption: 'a cat' }
  const { id } = await ana.sendMedia(BEN, 'image', Buffer.from('a picture'), { fields })
  await trunk.heardEvent('message-sent', 'ana', ({ message }) => message.id === id)
  expect(await messages().edit({ id }, { text: 'a dog' })).toMatchObject({
    type: 'image',
    text: 'a dog',
    media: { caption: 'a dog', mimetype: 'image/jpeg' },
  })
  const told = await ben.waitForMessage(({ message }) => message.protocolMessage?.editedMessage != null)
  expect(told.message.protocolMessage?.editedMessage?.imageMessage).toMatchObject({
    caption: 'a dog',
    mimetype: 'image/jpeg',
  })
  await everybodySees(id, BEN, { text: 'a dog', edited: true })
})

it('a reaction that WhatsApp refuses is not done, and the refusal is told', async () => {
  const { id } = await ben.sendText(ANA, 'by Ben')
  await trunk.heardEvent('message', 'ana')
  live.simulator.faults.failSend(ANA, 463)
  await expect(messages().react({ id }, '👍')).rejects.toMatchObject({
    code: 'MESSAGE_REFUSED',
    details: { messageId: id, reason: '463' },
  })
  expect((await messages().get({ id })).reactions).toEqual([])
  expect(trunk.events('message.reaction', 'ana')).toEqual([])
})

it('whoever cannot decrypt a reaction asks for it again, and gets it; no list of messages shows it', async () => {
  const { id } = await ben.sendText(ANA, 'by Ben')
  await trunk.heardEvent('message', 'ana')
  live.simulator.faults.on({ number: ANA, direction: 'in', tag: 'message' }, { do: 'corrupt' }, { times: 1 })
  await messages().react({ id }, '👍')
  await eventually(
    () => ben.shown(ANA),
    ([line]) => line?.reactions[ana.jid] === '👍',
  )
  expect(ben.failures).toHaveLength(1)
  const [hidden] = (await messages().list({ type: 'hidden', raw: true })).items
  expect(proto.Message.decode(hidden?.raw ?? new Uint8Array()).reactionMessage).toMatchObject({
    text: '👍',
    key: { id, fromMe: false },
  })
  expect((await messages().list()).items.map((message) => message.id)).toEqual([id])
  expect((await trunk.manager.chat('ana', BEN)).lastMessage?.id).toBe(id)
  expect(trunk.events('message-sent', 'ana')).toEqual([])
})

it('what is not to be is refused before anything is sent', async () => {
  const { id } = await trunk.manager.send('ana', { to: BEN, text: 'hello' })
  for (const emoji of ['ab', '👍👍', 'x', '1']) {
    await expect(messages().react({ id }, emoji)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: { errors: [{ field: 'emoji' }] },
    })
  }
  for (const emoji of ['👨‍👩‍👧‍👦', '🇩🇪', '1️⃣', '❤️‍🔥', '👍🏽']) {
    expect((await messages().react({ id }, emoji)).reactions).toMatchObject([{ emoji }])
  }
  await expect(messages().edit({ id }, { text: '' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  await expect(messages().edit({ id: 'none' }, { text: 'a' })).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
  await trunk.manager.stopSession('ana')
  await expect(messages().react({ id }, '👍')).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' })
})
