import type { Phone } from '@trunkline/simulator'
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
  const own = await session().messages.send({ to: owned.jid, text: 'closed' })
  for (const act of [
    session().messages.edit({ id: own.id }, { text: 'open' }),
    session().messages.delete({ id: own.id }),
  ])
    await expect(act).rejects.toMatchObject({ code: 'MESSAGE_NOT_CHANGEABLE', details: { reason: 'not-supported' } })
  await expect(session().chats.read(owned.jid)).rejects.toMatchObject({ details: { errors: [{ field: 'chatId' }] } })
})
