import type { Phone } from '@trunkline/simulator'
import { proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'
const { REVOKE } = proto.Message.ProtocolMessage.Type

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone
let carol: Phone

beforeEach(async () => {
  live = await Live.start('deletions')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  carol = await live.phone(CAROL, 'Carol')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

const stored = async (id: string) => (await trunk.store.messages.find('ana', { id }))[0]

/** A deletion, and a message behind it that shows that it was looked at. */
async function remove(deleter: Phone, group: string, { id, author }: { id: string; author: string }): Promise<void> {
  const key = { remoteJid: group, fromMe: false, id, participant: author }
  await deleter.send(group, { protocolMessage: { type: REVOKE, key } })
  const marker = await deleter.sendText(group, 'marker')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === marker.id)
}

it.each(['pn', 'lid'] as const)(
  'keeps a message that a member deletes who may not, and takes it away when an admin does, in a group by %s',
  async (addressing) => {
    const { jid } = await live.simulator.createGroup({
      subject: 'Team',
      creator: ANA,
      participants: [BEN, CAROL],
      addressing,
    })
    const addressOf = (phone: Phone) => (addressing === 'lid' ? phone.lid : phone.jid)
    const { id } = await carol.sendText(jid, 'by Carol')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
    const ours = await trunk.manager.send('ana', { to: jid, text: 'by the account' })

    await remove(ben, jid, { id, author: addressOf(carol) })
    await remove(ben, jid, { id, author: addressOf(ben) })
    await remove(ben, jid, { id: ours.id, author: addressOf(ana) })
    expect(await stored(id)).toMatchObject({ text: 'by Carol' })
    expect(await stored(ours.id)).toMatchObject({ text: 'by the account' })
    expect(trunk.events('message.deleted', 'ana')).toEqual([])
    // What was asked for is not lost: it is stored as it came, seen by nobody who does not look for it, and told.
    const notices = trunk.events('message.notice', 'ana').filter(({ message }) => message.type === 'hidden')
    expect(notices.map(({ message }) => message.senderId)).toEqual([ben.lid, ben.lid, ben.lid])
    const refused = await stored(notices[0]?.message.id ?? '')
    expect(proto.Message.decode(refused?.raw ?? new Uint8Array()).protocolMessage?.key?.id).toBe(id)

    await live.simulator.changeGroup(jid, { promote: [BEN] })
    await remove(ben, jid, { id, author: addressOf(carol) })
    expect(await stored(id)).toMatchObject({ deletedAt: expect.any(String) })
    expect(trunk.events('message.deleted', 'ana').map(({ message }) => message.id)).toEqual([id])

    const own = await carol.sendText(jid, 'by Carol again')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === own.id)
    await carol.deleteMessage(own.id)
    await trunk.heardEvent('message.deleted', 'ana', ({ message }) => message.id === own.id)
  },
)
