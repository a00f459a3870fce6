import { afterEach, beforeEach, expect, it } from 'vitest'
import { Live } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

let live: Live

beforeEach(async () => {
  live = await Live.start('groups')
})

afterEach(() => live[Symbol.asyncDispose]())

it('sends to a group and hears it: every member decrypts, one chat, the author by name', async () => {
  const [ana, ben, carol] = [
    await live.phone(ANA, 'Ana'),
    await live.phone(BEN, 'Ben'),
    await live.phone(CAROL, 'Carol'),
  ]
  const trunk = live.manager()
  await Promise.all([trunk.link('ana', ana), trunk.link('ben', ben)])
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA, BEN] })

  await carol.sendText(jid, 'Welcome')
  for (const id of ['ana', 'ben']) {
    const { message } = await trunk.heardEvent('message', id, (event) => event.message.text === 'Welcome')
    expect(message).toMatchObject({ chatId: jid, senderId: carol.lid })
  }
  let queries = 0
  live.simulator.tap(({ node, direction }) => {
    if (direction === 'in' && node.attrs.xmlns === 'w:g2') queries += 1
  })
  for (const text of ['one', 'two', 'three']) {
    const sent = await trunk.manager.send('ana', { to: jid, text })
    expect(sent).toMatchObject({ chatId: jid, status: 'sent', senderId: ana.lid })
    await carol.waitForMessage(text)
    await trunk.heardEvent('message', 'ben', (event) => event.message.id === sent.id)
  }
  // The members are asked for once and not with every send.
  expect(queries).toBeLessThanOrEqual(1)
  expect(await trunk.manager.chat('ana', jid)).toMatchObject({ id: jid, kind: 'group' })
  expect((await trunk.manager.chats('ana', { kind: 'group' })).items).toHaveLength(1)
})

it('names the own account by one address, whichever of its two a mention or a quote has', async () => {
  const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
  const trunk = live.manager()
  await trunk.link('ana', ana)
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })
  const contextInfo = {
    mentionedJid: [ana.jid, ana.lid],
    stanzaId: 'A1',
    participant: ana.jid,
    quotedMessage: { conversation: 'mine' },
  }
  const { id } = await carol.send(jid, { extendedTextMessage: { text: 'hello @Ana', contextInfo } })
  const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
  expect(message).toMatchObject({ mentions: [ana.lid], quoted: { senderId: ana.lid } })
})

it('passes over groups where a session is told to', async () => {
  const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
  const trunk = live.manager({ defaultSettings: { ignoreGroups: true } })
  await trunk.link('ana', ana)
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })
  await carol.sendText(jid, 'in the group')
  await carol.sendText(ANA, 'in private')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'in private')
  expect(trunk.events('message', 'ana').map(({ message }) => message.text)).toEqual(['in private'])
})
