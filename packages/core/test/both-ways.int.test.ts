import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Phone } from '@trunkline/simulator'
import { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromContent } from '../src/baileys/translate/from-content.js'
import type { MessageContent, SendRequest } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'
import { DEEDS, type Deed, MESSAGE_KINDS, type MessageKind } from './support/message-kinds.js'
import { keepTables, ShownTable } from './support/shown-table.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'
const STATUS = 'status@broadcast'
const PAGE = '<meta property="og:title" content="Tea"><meta property="og:description" content="Every day">'

const ANSWERS = ['votes in a poll', 'answers to an event']
const CHATS = ['a person', 'a group']
const COLUMNS = ['sent', 'received', ...DEEDS]
const kinds = Object.entries(MESSAGE_KINDS)

const ofChats = new Map(
  CHATS.map((chat) => [
    chat,
    new ShownTable(`With ${chat}`, { rows: [...Object.keys(MESSAGE_KINDS)], columns: COLUMNS }),
  ]),
)
const ofAnswers = new ShownTable('Answers', {
  rows: ANSWERS,
  columns: CHATS.flatMap((chat) => [`sent, ${chat}`, `received, ${chat}`]),
})
const STATUS_KINDS = ['text', 'image', 'video', 'GIF', 'voice note']
const ofStatus = new ShownTable('As a status', { rows: STATUS_KINDS, columns: ['sent', 'received', 'deleted'] })

const POST_KINDS = [
  'text',
  'image',
  'video',
  'GIF',
  'voice note',
  'sound',
  'document',
  'document with words',
  'sticker',
]
const ofPosts = new ShownTable('In a channel', {
  rows: POST_KINDS,
  columns: ['sent', 'received', 'reacted to', 'edited', 'deleted'],
})

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone
let carol: Phone
let site: Server
let base: string
let group: string

beforeAll(async () => {
  site = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE))
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  live = await Live.start('both ways')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  carol = await live.phone(CAROL, 'Carol')
  trunk = live.manager({ urlAllow: ['127.0.0.1'] })
  await trunk.link('ana', ana)
  group = (await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA, CAROL] })).jid
})

afterAll(async () => {
  site.close()
  await live[Symbol.asyncDispose]()
  await keepTables([...ofChats.values(), ofAnswers, ofStatus, ofPosts])
})

const session = () => trunk.manager.session('ana')
const parts = () => ({ site: base, friend: CAROL })

const send = (to: string, content: MessageContent, more: Partial<SendRequest> = {}) =>
  session().messages.send({ to, ...content, ...more } as SendRequest)

/** How a phone sends it: as it would itself, with a file of its own. */
function sentBy(phone: Phone, { content, file, stored }: MessageKind): proto.IMessage {
  if (file) {
    const message = phone.uploadMedia(file.part, file.bytes, file.fields)
    return file.wrap?.(message) ?? message
  }
  const preview = 'preview' in stored ? { url: `${base}/tea`, title: 'Tea', description: 'Every day' } : undefined
  const { raw } = fromContent({ content: content(parts()), ...(preview ? { preview } : {}) }, phone.jid)
  return proto.Message.decode(raw)
}

/** The part of a message that says what it answers, whatever wraps it. */
function contextOf(message: proto.IMessage | null | undefined): proto.IContextInfo | undefined {
  for (const value of Object.values(message ?? {})) {
    const inner = value?.message ? contextOf(value.message) : value?.contextInfo
    if (inner) return inner
  }
  return undefined
}

async function hasFile(phone: Phone, id: string, { file }: MessageKind): Promise<void> {
  if (file) expect((await phone.fileOf(id)).equals(file.bytes)).toBe(true)
}

async function read(id: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of (await session().media.open({ id })).read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe.each(CHATS)('with %s', (chat) => {
  const table = ofChats.get(chat)
  const inGroup = chat === 'a group'
  /** Where the account writes to, where Ben does, and where each of the two phones shows it. */
  let to: string
  let theirs: string
  let asked: string

  beforeAll(async () => {
    to = inGroup ? group : BEN
    theirs = inGroup ? group : ANA
    asked = (await ben.sendText(theirs, 'by Ben')).id
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === asked)
  })

  const shownTo = (phone: Phone, id: string) =>
    phone.shown(inGroup ? group : phone === ben ? ANA : BEN).find((line) => line.id === id)

  it.each(kinds)('%s is sent, stored as what it says, and decrypted by every phone', async (name, kind) => {
    const sent = await send(to, kind.content(parts()))
    expect(sent).toMatchObject({ status: 'sent', ...kind.stored })
    expect(await session().messages.get({ id: sent.id })).toMatchObject(kind.stored)
    for (const phone of inGroup ? [ben, ana, carol] : [ben, ana]) {
      const { message } = await phone.waitForMessage({ id: sent.id })
      expect(message).toMatchObject(kind.wire)
      expect(message.messageContextInfo?.messageSecret).toHaveLength(32)
      await hasFile(phone, sent.id, kind)
    }
    table?.show(name, 'sent')
  })

  it.each(kinds)('%s of somebody else is stored as what it says, with its file', async (name, kind) => {
    const { id } = await ben.send(theirs, sentBy(ben, kind))
    const { message } = await trunk.heardEvent('message', 'ana', (heard) => heard.message.id === id)
    expect(message).toMatchObject({ senderId: ben.lid, source: 'live', ...kind.stored })
    if (kind.file) expect((await read(id)).equals(kind.file.bytes)).toBe(true)
    table?.show(name, 'received')
    // What is done to it: here it is answered, reacted to and passed on, by its author edited and deleted.
    const answer = await send(to, { type: 'text', text: 'yes' }, { quotedMessageId: id })
    expect(answer.quoted).toMatchObject({ senderId: ben.lid })
    const { message: seen } = await ben.waitForMessage({ id: answer.id })
    expect(contextOf(seen)?.stanzaId).toBe(id)
    await session().messages.react({ id }, '👍')
    await eventually(
      () => shownTo(ben, id)?.reactions,
      (reactions) => reactions?.[ana.jid] === '👍',
    )
    await forwarded(id, kind, { times: 1 })
    if (allows(kind, 'edited')) {
      await ben.editText(id, 'changed')
      const edited = await trunk.heardEvent('message.edited', 'ana', (heard) => heard.message.id === id)
      expect(edited.message.text).toBe('changed')
    }
    await ben.deleteMessage(id)
    await trunk.heardEvent('message.deleted', 'ana', (heard) => heard.message.id === id)
    expect(await session().messages.get({ id })).toMatchObject({ deletedAt: expect.any(String) })
  })

  it.each(kinds)('%s answers a message, is edited, reacted to, passed on and deleted', async (name, kind) => {
    const sent = await send(to, kind.content(parts()), { quotedMessageId: asked })
    const { id } = sent
    expect(sent).toMatchObject({ quotedMessageId: asked, quoted: { senderId: ben.lid, text: 'by Ben' } })
    const { message } = await ben.waitForMessage({ id })
    expect(contextOf(message)).toMatchObject({ stanzaId: asked, quotedMessage: { conversation: 'by Ben' } })
    table?.show(name, 'quotes')

    await ben.react(id, '❤️')
    await trunk.heardEvent('message.reaction', 'ana', (heard) => heard.message.id === id)
    await session().messages.react({ id }, '👍')
    await eventually(
      () => shownTo(ben, id)?.reactions,
      (reactions) => reactions?.[ana.jid] === '👍' && reactions[ben.jid] === '❤️',
    )
    table?.show(name, 'reacted to')

    // What the account has written itself is new there.
    await forwarded(id, kind, { times: 0 })
    table?.show(name, 'forwarded', allows(kind, 'forwarded') ? 'yes' : '–')

    const change = session().messages.edit({ id }, { text: 'changed' })
    if (allows(kind, 'edited')) {
      expect(await change).toMatchObject({ text: 'changed', editedAt: expect.any(String) })
      await eventually(
        () => shownTo(ben, id),
        (line) => line?.edited === true && line.text === 'changed',
      )
    } else await expect(change).rejects.toMatchObject({ code: 'MESSAGE_NOT_CHANGEABLE' })
    table?.show(name, 'edited', allows(kind, 'edited') ? 'yes' : '–')

    expect(await session().messages.delete({ id })).toMatchObject({ deletedAt: expect.any(String) })
    await eventually(
      () => [ben, ana].map((phone) => shownTo(phone, id)?.deleted),
      (deleted) => deleted.every((isDeleted) => isDeleted === true),
    )
    table?.show(name, 'deleted')
  })

  it('votes and answers go both ways, and are opened with what they are about', async () => {
    const poll = await send(to, { type: 'poll', question: 'When?', options: ['a', 'b', 'c'], selectableCount: 0 })
    await ben.waitForMessage({ id: poll.id })
    await ben.vote(poll.id, ['a', 'c'])
    const { voterId, options } = await trunk.heardEvent('poll.vote', 'ana', ({ message }) => message.id === poll.id)
    expect({ voterId, options }).toEqual({ voterId: ben.lid, options: ['a', 'c'] })
    ofAnswers.show('votes in a poll', `received, ${chat}`)
    await session().messages.vote({ id: poll.id }, ['b'])
    await eventually(
      () => shownTo(ben, poll.id)?.votes?.[ana.jid],
      (votes) => votes?.join() === 'b',
    )
    ofAnswers.show('votes in a poll', `sent, ${chat}`)

    const event = await send(to, { type: 'event', name: 'Lunch', startsAt: '2030-01-01T12:00:00.000Z' })
    await ben.waitForMessage({ id: event.id })
    await ben.answerEvent(event.id, 'going')
    const { response } = await trunk.heardEvent('event.response', 'ana', ({ message }) => message.id === event.id)
    expect(response).toMatchObject({ senderId: ben.lid, response: 'going' })
    ofAnswers.show('answers to an event', `received, ${chat}`)
    await session().messages.respond({ id: event.id }, { response: 'maybe' })
    await eventually(
      () => shownTo(ben, event.id)?.answers?.[ana.jid],
      (said) => said === 'maybe',
    )
    ofAnswers.show('answers to an event', `sent, ${chat}`)
  })
})

describe('as a status', () => {
  beforeAll(() => ana.setStatusPrivacy('whitelist', [BEN]))
  beforeAll(() => ben.setStatusPrivacy('whitelist', [ANA]))

  it.each(STATUS_KINDS)('%s goes to those who may see it, comes from others, and is taken back', async (name) => {
    const kind = MESSAGE_KINDS[name] as MessageKind
    const sent = await send(STATUS, kind.content(parts()))
    expect(sent).toMatchObject({ chatId: STATUS, status: 'sent', ...kind.stored })
    const { message } = await ben.waitForMessage({ id: sent.id })
    expect(message).toMatchObject(kind.wire)
    await hasFile(ben, sent.id, kind)
    ofStatus.show(name, 'sent')
    await session().messages.delete({ id: sent.id })
    await eventually(
      () => ben.shown(STATUS).find((line) => line.id === sent.id)?.deleted,
      (deleted) => deleted === true,
    )
    const { id } = await ben.send(STATUS, sentBy(ben, kind))
    const heard = await trunk.heardEvent('message', 'ana', (one) => one.message.id === id)
    expect(heard.message).toMatchObject({ chatId: STATUS, senderId: ben.lid, ...kind.stored })
    if (kind.file) expect((await read(id)).equals(kind.file.bytes)).toBe(true)
    ofStatus.show(name, 'received')
    await ben.deleteMessage(id)
    await trunk.heardEvent('message.deleted', 'ana', (one) => one.message.id === id)
    ofStatus.show(name, 'deleted')
  })
})

describe('in a channel', () => {
  let owned: string
  let followed: string

  beforeAll(async () => {
    owned = (await live.simulator.createNewsletter({ name: 'The shop', owner: ANA, subscribers: [BEN] })).jid
    followed = (await live.simulator.createNewsletter({ name: 'Weather', owner: BEN, subscribers: [ANA] })).jid
  })

  const postOf = async (jid: string, id: string) =>
    (await live.simulator.newsletterPosts(jid)).find((post) => post.id === id)

  it.each(POST_KINDS)('%s is posted, read by who follows it, changed and ended; those of others come', async (name) => {
    const kind = MESSAGE_KINDS[name] as MessageKind
    const { id } = await send(owned, kind.content(parts()))
    const { message } = await ben.waitForMessage({ id })
    expect(message).toMatchObject(kind.wire)
    await hasFile(ben, id, kind)
    ofPosts.show(name, 'sent')

    const change = session().messages.edit({ id }, { text: 'changed' })
    if (allows(kind, 'edited')) {
      await change
      expect(await postOf(owned, id)).toMatchObject({ text: 'changed', edited: true })
    } else await expect(change).rejects.toMatchObject({ code: 'MESSAGE_NOT_CHANGEABLE' })
    ofPosts.show(name, 'edited', allows(kind, 'edited') ? 'yes' : '–')
    await session().messages.delete({ id })
    expect(await postOf(owned, id)).toMatchObject({ deleted: true })
    ofPosts.show(name, 'deleted')

    const post = kind.file ? ben.uploadOpenMedia(kind.file.part, kind.file.bytes, kind.file.fields) : 'hello'
    const theirs = await live.simulator.postToNewsletter(followed, post)
    const heard = await trunk.heardEvent('message', 'ana', (one) => one.message.id === theirs.id)
    expect(heard.message).toMatchObject({ chatId: followed, fromMe: false, ...kind.stored })
    if (kind.file) expect((await read(theirs.id)).equals(kind.file.bytes)).toBe(true)
    ofPosts.show(name, 'received')
    await session().messages.react({ id: theirs.id }, '👍')
    expect((await postOf(followed, theirs.id))?.reactions).toEqual({ [ANA]: '👍' })
    ofPosts.show(name, 'reacted to')
  })
})

function allows({ never = [] }: MessageKind, deed: Deed): boolean {
  return !never.includes(deed)
}

/** To Carol, with the same file. */
async function forwarded(messageId: string, kind: MessageKind, { times }: { times: number }): Promise<void> {
  const passed = session().messages.send({ to: CAROL, type: 'forward', messageId })
  if (!allows(kind, 'forwarded')) {
    await expect(passed).rejects.toMatchObject({ code: 'MESSAGE_NOT_FORWARDABLE' })
    return
  }
  const { id } = await passed
  const { message } = await carol.waitForMessage({ id })
  expect(contextOf(message)?.forwardingScore ?? 0).toBe(times)
  await hasFile(carol, id, kind)
}
