import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone
let group: string

beforeEach(async () => {
  live = await Live.start('labels')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  await live.phone(CAROL, 'Carol')
  trunk = live.manager()
  await trunk.link('ana', ana)
  group = (await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA, CAROL] })).jid
})

afterEach(() => live[Symbol.asyncDispose]())

const labels = () => trunk.manager.session('ana').labels

async function written(to: string): Promise<string> {
  const { id } = await ben.sendText(to, 'hello')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
  return id
}

describe.each(['a person', 'a group'])('a chat with %s', (kind) => {
  let chat: string
  let id: string

  beforeEach(async () => {
    chat = kind === 'a group' ? group : BEN
    id = await written(kind === 'a group' ? group : ANA)
  })

  it('gets labels here, which the phone shows on it and on its messages, and loses them', async () => {
    const order = await labels().create({ name: ' New order ', color: 3 })
    const paid = await labels().create({ name: 'Paid' })
    expect([order, paid]).toEqual([
      { id: '1', sessionId: 'ana', name: 'New order', color: 3 },
      { id: '2', sessionId: 'ana', name: 'Paid', color: 0 },
    ])
    expect(await ana.labels()).toEqual([
      { id: '1', name: 'New order', color: 3 },
      { id: '2', name: 'Paid', color: 0 },
    ])
    expect(await labels().labelChat(order.id, chat, true)).toMatchObject({ labels: ['1'] })
    expect(await labels().labelChat(paid.id, chat, true)).toMatchObject({ labels: ['1', '2'] })
    expect(await labels().labelMessage(paid.id, { id }, true)).toMatchObject({ id, labels: ['2'] })
    expect(await ana.chatSettings(chat)).toMatchObject({ labels: ['1', '2'], labeledMessages: { '2': [id] } })
    expect(await labels().labelChat(order.id, chat, false)).toMatchObject({ labels: ['2'] })
    expect(await labels().labelMessage(paid.id, { id }, false)).not.toHaveProperty('labels')
    expect(await ana.chatSettings(chat)).toMatchObject({ labels: ['2'], labeledMessages: {} })
  })

  it('has the labels that somebody puts on it, and on its messages, on the phone', async () => {
    await ana.changeChat(chat, { addLabel: { id: '7', name: 'New order', color: 4 } })
    await trunk.heardEvent('label.updated', 'ana', ({ label }) => label.id === '7' && label.name === 'New order')
    expect(await labels().list()).toEqual([{ id: '7', sessionId: 'ana', name: 'New order', color: 4 }])
    await ana.changeChat(chat, { addChatLabel: { labelId: '7' } })
    await trunk.heardEvent('chat.updated', 'ana', ({ chat: heard }) => heard.labels?.[0] === '7')
    await ana.changeChat(chat, { addMessageLabel: { labelId: '7', messageId: id } })
    expect(await trunk.heardEvent('message.labeled', 'ana')).toMatchObject({ message: { id, labels: ['7'] } })
    const from = trunk.heard.length
    await ana.changeChat(chat, { removeChatLabel: { labelId: '7' } })
    await trunk.heardEvent('chat.updated', 'ana', ({ chat: heard }) => heard.labels === undefined, from)
    await ana.changeChat(chat, { removeMessageLabel: { labelId: '7', messageId: id } })
    await trunk.heardEvent('message.labeled', 'ana', ({ message }) => message.labels === undefined, from)
    expect(await trunk.manager.chat('ana', chat)).not.toHaveProperty('labels')
    expect(await trunk.manager.session('ana').messages.get({ id })).not.toHaveProperty('labels')
  })

  it('has a label no longer that is ended, wherever that is done, and its id is not given away again', async () => {
    const made = await labels().create({ name: 'New order' })
    await labels().labelChat(made.id, chat, true)
    await labels().labelMessage(made.id, { id }, true)
    expect(await labels().update(made.id, { name: 'Order' })).toMatchObject({ name: 'Order', color: 0 })
    expect(await ana.labels()).toEqual([{ id: made.id, name: 'Order', color: 0 }])
    await labels().delete(made.id)
    expect(await trunk.heardEvent('label.deleted', 'ana')).toMatchObject({ labelId: made.id })
    expect([await labels().list(), await ana.labels()]).toEqual([[], []])
    expect(await ana.chatSettings(chat)).toMatchObject({ labels: [], labeledMessages: {} })
    expect(await trunk.manager.chat('ana', chat)).not.toHaveProperty('labels')
    expect(await trunk.manager.session('ana').messages.get({ id })).not.toHaveProperty('labels')
    await expect(labels().labelChat(made.id, chat, true)).rejects.toMatchObject({ code: 'LABEL_NOT_FOUND' })
    const next = await labels().create({ name: 'Next' })
    expect(next.id).toBe('2')
    await labels().labelChat(next.id, chat, true)
    await ana.changeChat(chat, { addLabel: { id: next.id, name: 'Next', deleted: true } })
    await trunk.heardEvent('label.deleted', 'ana', ({ labelId }) => labelId === next.id)
    expect(await trunk.manager.chat('ana', chat)).not.toHaveProperty('labels')
  })
})

it('labels from before the link are there, and new ones get other ids', async () => {
  await ana.changeChat(group, { addLabel: { id: '12', name: 'Old', color: 1 } })
  await ana.changeChat(group, { addChatLabel: { labelId: '12' } })
  await trunk.link('second', ana)
  await trunk.heardEvent('chat.updated', 'second', ({ chat }) => chat.labels?.[0] === '12')
  const second = trunk.manager.session('second').labels
  expect(await second.list()).toMatchObject([{ id: '12', name: 'Old' }])
  expect(await second.create({ name: 'New' })).toMatchObject({ id: '13' })
})

it('what is known of no label is read from WhatsApp before the first is made here', async () => {
  await ana.changeChat(group, { addLabel: { id: '4', name: 'Old', color: 1 } })
  await trunk.heardEvent('label.updated', 'ana', ({ label }) => label.name === 'Old')
  // As in a store of a version that kept no labels.
  await trunk.store.chats.removeAll('ana')
  expect(await labels().list()).toEqual([])
  expect(await labels().create({ name: 'New' })).toMatchObject({ id: '5' })
  await trunk.heardEvent('label.updated', 'ana', ({ label }) => label.name === 'New')
  expect(await labels().list()).toMatchObject([{ name: 'Old' }, { name: 'New' }])
})

it.each([
  [() => labels().create({ name: ' ' }), 'name'],
  [() => labels().create({ name: 'a', color: 20 }), 'color'],
  [() => labels().update('1', {}), 'changes'],
  [() => labels().update('one', { name: 'a' }), 'labelId'],
  [() => labels().labelChat('1', '', true), 'chatId'],
  [() => labels().labelMessage('1', { id: '' }, true), 'id'],
])('what is wrong is refused by the name of its field: %#', async (ask, field) => {
  await expect(ask()).rejects.toMatchObject({ code: 'VALIDATION_FAILED', details: { errors: [{ field }] } })
})

it('where there is no such label, chat or message, that is said', async () => {
  await expect(labels().update('1', { name: 'a' })).rejects.toMatchObject({ code: 'LABEL_NOT_FOUND' })
  await expect(labels().delete('1')).rejects.toMatchObject({ code: 'LABEL_NOT_FOUND' })
  const { id } = await labels().create({ name: 'a' })
  await expect(labels().labelChat(id, CAROL, true)).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
  await expect(labels().labelMessage(id, { id: 'none' }, true)).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
})
