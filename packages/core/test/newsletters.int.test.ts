import type { Phone } from '@trunkline/simulator'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'

let live: Live
let trunk: LiveManager
let ben: Phone
let owned: { jid: string; invite: string }
let followed: { jid: string; invite: string }

beforeAll(async () => {
  live = await Live.start('newsletters')
  const ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  trunk = live.manager()
  await trunk.link('ana', ana)
  owned = await live.simulator.createNewsletter({
    name: 'The shop',
    description: 'News',
    owner: ANA,
    subscribers: [BEN],
  })
  followed = await live.simulator.createNewsletter({ name: 'Weather', owner: BEN, subscribers: [ANA] })
})

afterAll(() => live[Symbol.asyncDispose]())

const session = () => trunk.manager.session('ana')

async function read(id: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of (await session().media.open({ id })).read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

it('are listed with what the account is in them, and found by id, code and link', async () => {
  const shop = { id: owned.jid, name: 'The shop', description: 'News', role: 'owner', subscriberCount: 2, muted: false }
  expect(await session().newsletters.list()).toMatchObject([
    { ...shop, verified: false, createdAt: expect.any(String) },
    { id: followed.jid, name: 'Weather', role: 'subscriber' },
  ])
  for (const key of [owned.jid, owned.invite, `https://whatsapp.com/channel/${owned.invite}`])
    expect(await session().newsletters.get(key)).toMatchObject(shop)
  await expect(session().newsletters.get('120363999999999999@newsletter')).rejects.toMatchObject({
    code: 'CHAT_NOT_FOUND',
  })
  await expect(session().newsletters.get('a b')).rejects.toMatchObject({
    details: { errors: [{ field: 'newsletterId' }] },
  })
})

it('of the account take texts, which everybody who follows them reads', async () => {
  const sent = await session().messages.send({ to: owned.jid, text: 'open today' })
  expect(sent).toMatchObject({ chatId: owned.jid, status: 'sent', text: 'open today' })
  expect(await ben.waitForMessage({ id: sent.id })).toMatchObject({ chat: owned.jid, text: 'open today' })
  expect(await live.simulator.newsletterPosts(owned.jid)).toMatchObject([{ id: sent.id, text: 'open today' }])
  expect(await trunk.manager.chat('ana', owned.jid)).toMatchObject({ kind: 'newsletter' })
})

it('of others are read, and reacted to', async () => {
  const { id } = await live.simulator.postToNewsletter(followed.jid, 'rain')
  const { message } = await trunk.heardEvent('message', 'ana', (heard) => heard.message.id === id)
  expect(message).toMatchObject({ chatId: followed.jid, text: 'rain', fromMe: false, serverId: expect.any(String) })
  const reactions = async () => (await live.simulator.newsletterPosts(followed.jid))[0]?.reactions
  expect((await session().messages.react({ id }, '☔')).reactions).toHaveLength(1)
  expect(await reactions()).toEqual({ [ANA]: '☔' })
  expect((await session().messages.react({ id }, '')).reactions).toEqual([])
  expect(await reactions()).toEqual({})
})

it('of the account take files, which nobody encrypts, and phones read; those of others are fetched', async () => {
  const bytes = Buffer.from('a file of more than one block of sixteen bytes')
  for (const [content, part] of [
    [{ type: 'document', media: { data: bytes, mimetype: 'application/pdf', fileName: 'a.pdf' } }, 'documentMessage'],
    [{ type: 'video', media: { data: bytes, mimetype: 'video/mp4' }, caption: 'look' }, 'videoMessage'],
    [{ type: 'audio', media: { data: bytes, mimetype: 'audio/mpeg' } }, 'audioMessage'],
  ] as const) {
    const sent = await session().messages.send({ to: owned.jid, ...content })
    expect(sent).toMatchObject({ status: 'sent', type: content.type, media: { bytes: bytes.length } })
    const { message } = await ben.waitForMessage({ id: sent.id })
    expect(message[part]?.mediaKey ?? new Uint8Array()).toHaveLength(0)
    expect((await ben.fileOf(sent.id)).equals(bytes)).toBe(true)
    expect(await read(sent.id)).toEqual(bytes)
  }
  const theirs = ben.uploadOpenMedia('image', bytes, { caption: 'clouds' })
  const { id } = await live.simulator.postToNewsletter(followed.jid, theirs)
  const { message } = await trunk.heardEvent('message', 'ana', (heard) => heard.message.id === id)
  expect(message).toMatchObject({ type: 'image', text: 'clouds', chatId: followed.jid })
  expect(await read(id)).toEqual(bytes)
})

it('of the account take a picture, which all see, and lose it again', async () => {
  const picture = await live.simulator.newsletterPicture(owned.jid)
  expect(picture).toBeUndefined()
  const given = await sharp({ create: { width: 900, height: 400, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
  const { pictureUrl } = await session().newsletters.setPicture(owned.jid, given)
  expect(pictureUrl).toMatch(/^https:\/\/pps\.whatsapp\.net\/v\//)
  const held = await sharp(await live.simulator.newsletterPicture(owned.jid)).metadata()
  expect([held.format, held.width, held.height]).toEqual(['jpeg', 640, 640])
  expect(await session().newsletters.get(owned.invite)).toMatchObject({ pictureUrl, name: 'The shop' })
  expect(await session().newsletters.removePicture(owned.invite)).not.toHaveProperty('pictureUrl')
  expect(await live.simulator.newsletterPicture(owned.jid)).toBeUndefined()
})

it('take no picture that is none, nor one of somebody who only follows', async () => {
  const { newsletters } = session()
  await expect(newsletters.setPicture(owned.jid, Buffer.from('<svg'))).rejects.toMatchObject({
    code: 'PICTURE_INVALID',
  })
  await expect(newsletters.setPicture('120363999999999999@newsletter', await jpeg())).rejects.toMatchObject({
    code: 'CHAT_NOT_FOUND',
  })
  await expect(newsletters.setPicture(followed.jid, await jpeg())).rejects.toMatchObject({
    code: 'WHATSAPP_REFUSED',
    details: { statusCode: 403 },
  })
  await expect(newsletters.setPicture(owned.jid, new Uint8Array())).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await live.simulator.newsletterPicture(followed.jid)).toBeUndefined()
})

const jpeg = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer()

it('show other words of a post, and its end', async () => {
  const { id } = await session().messages.send({ to: owned.jid, text: 'open' })
  const film = { type: 'video', media: { data: Buffer.from('film'), mimetype: 'video/mp4' }, caption: 'a' } as const
  const second = await session().messages.send({ to: owned.jid, ...film })
  const posts = async () =>
    (await live.simulator.newsletterPosts(owned.jid)).filter((post) => [id, second.id].includes(post.id))
  expect(await session().messages.edit({ id }, { text: 'closed' })).toMatchObject({ text: 'closed', status: 'sent' })
  expect(await session().messages.edit({ id: second.id }, { text: 'b' })).toMatchObject({ text: 'b' })
  expect(await posts()).toMatchObject([
    { id, text: 'closed', edited: true },
    { id: second.id, text: 'b', edited: true },
  ])
  expect(await session().messages.delete({ id })).toMatchObject({ deletedAt: expect.any(String), status: 'sent' })
  expect((await posts())[0]).toMatchObject({ id, text: '', deleted: true })
})

it('of others show other words of a post, and its end, when those change it who run the channel', async () => {
  await trunk.link('ben', ben)
  const bens = trunk.manager.session('ben').messages
  const film = { type: 'video', media: { data: Buffer.from('film'), mimetype: 'video/mp4' }, caption: 'fog' } as const
  const posts = [await bens.send({ to: followed.jid, text: 'sun' }), await bens.send({ to: followed.jid, ...film })]
  for (const { id } of posts) await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
  const stored = (id: string) => session().messages.get({ id })
  for (const { id } of posts) {
    await bens.edit({ id }, { text: `storm over ${id}` })
    const { message } = await trunk.heardEvent('message.edited', 'ana', (heard) => heard.message.id === id)
    expect(message).toMatchObject({ text: `storm over ${id}`, chatId: followed.jid, editedAt: expect.any(String) })
    await bens.edit({ id }, { text: 'calm' })
    await trunk.heardEvent('message.edited', 'ana', (heard) => heard.message.id === id && heard.message.text === 'calm')
  }
  expect(await stored(posts[1]?.id ?? '')).toMatchObject({ type: 'video', text: 'calm' })
  const [{ id } = { id: '' }] = posts
  await bens.delete({ id })
  const { message } = await trunk.heardEvent('message.deleted', 'ana', (heard) => heard.message.id === id)
  expect(message).toMatchObject({ chatId: followed.jid, deletedAt: expect.any(String) })
  expect((await session().messages.list({ chatId: followed.jid })).items.map((one) => one.id)).toEqual(
    expect.arrayContaining(posts.map((one) => one.id)),
  )
})

it('take files that were queued while the account was offline', async () => {
  await trunk.manager.stopSession('ana')
  const data = Buffer.from('a page')
  const media = { data, mimetype: 'application/pdf', fileName: 'queued.pdf' }
  const queued = await session().messages.send({ to: owned.jid, type: 'document', media, queue: true })
  expect(queued).toMatchObject({ status: 'queued', chatId: owned.jid })
  await trunk.manager.startSession('ana')
  await ben.waitForMessage({ id: queued.id })
  expect((await ben.fileOf(queued.id)).equals(data)).toBe(true)
})

it('are made, changed, muted and ended by who owns them, and followed by others', async () => {
  const { newsletters } = session()
  const made = await newsletters.create({ name: ' Bakery ', description: 'Bread' })
  expect(made).toMatchObject({ name: 'Bakery', description: 'Bread', role: 'owner', muted: false, subscriberCount: 1 })
  expect(await newsletters.update(made.id, { name: 'Baker', description: '' })).toMatchObject({ name: 'Baker' })
  expect(await newsletters.get(made.id)).not.toHaveProperty('description')
  expect(await newsletters.mute(made.id)).toMatchObject({ muted: true })
  expect(await newsletters.unmute(made.id)).toMatchObject({ muted: false })
  await newsletters.delete(made.id)
  await expect(newsletters.get(made.id)).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
  await expect(newsletters.mute(made.id)).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })

  const other = await live.simulator.createNewsletter({ name: 'Sea', owner: BEN })
  expect(await newsletters.follow(other.invite)).toMatchObject({
    id: other.jid,
    role: 'subscriber',
    subscriberCount: 2,
  })
  const { id } = await live.simulator.postToNewsletter(other.jid, 'waves')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
  await expect(newsletters.update(other.jid, { name: 'Lake' })).rejects.toMatchObject({
    code: 'WHATSAPP_REFUSED',
    details: { statusCode: 403 },
  })
  expect(await newsletters.unfollow(other.jid)).toMatchObject({ role: 'guest', subscriberCount: 1 })
  expect((await newsletters.list()).map((one) => one.id)).not.toContain(other.jid)
})

it.each([
  [() => session().newsletters.create({ name: ' ' }), 'name'],
  [() => session().newsletters.update(owned.jid, {}), 'changes'],
  [() => session().newsletters.follow('a b'), 'newsletterId'],
])('what is wrong is refused by the name of its field: %#', async (ask, field) => {
  await expect(ask()).rejects.toMatchObject({ code: 'VALIDATION_FAILED', details: { errors: [{ field }] } })
})

it('refuse what they do not take, and say why', async () => {
  await expect(session().messages.send({ to: followed.jid, text: 'sun' })).rejects.toMatchObject({
    code: 'MESSAGE_REFUSED',
    details: { reason: '403' },
  })
  const poll = { to: owned.jid, type: 'poll', question: 'When?', options: ['a', 'b'] } as const
  await expect(session().messages.send({ ...poll, options: ['a', 'b'] })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    details: { errors: [{ field: 'type' }] },
  })
  const film = { type: 'video', media: { data: Buffer.from('film') }, viewOnce: true } as const
  await expect(session().messages.send({ to: owned.jid, ...film })).rejects.toMatchObject({
    details: { errors: [{ field: 'viewOnce' }] },
  })
  const { id } = await live.simulator.postToNewsletter(followed.jid, 'snow')
  await trunk.heardEvent('message', 'ana', (heard) => heard.message.id === id)
  for (const act of [session().messages.edit({ id }, { text: 'sun' }), session().messages.delete({ id })])
    await expect(act).rejects.toMatchObject({ code: 'MESSAGE_NOT_CHANGEABLE', details: { reason: 'not-supported' } })
  await expect(session().chats.read(owned.jid)).rejects.toMatchObject({ details: { errors: [{ field: 'chatId' }] } })
})
