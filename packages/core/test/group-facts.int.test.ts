import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually, Live } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

let live: Live

beforeEach(async () => {
  live = await Live.start('group facts')
})

afterEach(() => live[Symbol.asyncDispose]())

it('a group has its name from the first, and keeps it over a restart; what happens to it is told with who did it', async () => {
  const [ana, ben, carol] = [
    await live.phone(ANA, 'Ana'),
    await live.phone(BEN, 'Ben'),
    await live.phone(CAROL, 'Carol'),
  ]
  const trunk = live.manager()
  await trunk.link('ana', ana)
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA, BEN] })
  const told = (kind: string) => trunk.heardEvent('group.updated', 'ana', ({ change }) => change.kind === kind)
  expect(await told('created')).toMatchObject({ groupId: jid, change: { subject: 'Team', byId: carol.lid } })
  await eventually(
    async () => (await trunk.manager.chat('ana', jid)).name,
    (name) => name === 'Team',
  )
  await live.simulator.changeGroup(jid, { subject: 'The team' })
  expect(await told('subject')).toMatchObject({ change: { subject: 'The team' } })
  await live.simulator.changeGroup(jid, { remove: [BEN] })
  expect(await told('participants')).toMatchObject({ change: { action: 'removed', participantIds: [ben.lid] } })
  await live.simulator.changeGroup(jid, { remove: [ANA] })
  await trunk.heardEvent(
    'group.updated',
    'ana',
    ({ change }) => change.action === 'removed' && change.participantIds?.includes(ana.lid) === true,
  )
  await trunk.manager.restartSession('ana')
  expect((await trunk.manager.chat('ana', jid)).name).toBe('The team')
})

it('a group from before the link gets its name when its members are asked for', async () => {
  const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
  const { jid } = await live.simulator.createGroup({ subject: 'Old friends', creator: CAROL, participants: [ANA] })
  const trunk = live.manager()
  await trunk.link('ana', ana)
  await carol.sendText(jid, 'hello')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'hello')
  await trunk.manager.send('ana', { to: jid, text: 'hello too' })
  await trunk.heardEvent('chat.updated', 'ana', ({ chat }) => chat.id === jid && chat.name === 'Old friends')
})
