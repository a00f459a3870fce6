import type { Phone } from '@trunkline/simulator'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { eventually, Live } from './support/live.js'

const ACCOUNTS = 30
/** With those who are only people with a phone. */
const GROUP_SIZE = 200
const MEMBERS_AT_FIRST = 24
const ROUNDS = 4
const SENDERS = 4
const FIRST_NUMBER = 15_550_000_000

it('thirty accounts in a group of two hundred that people join and leave lose nothing, and who has left reads nothing', async () => {
  await using live = await Live.start('group churn')
  const trunk = live.manager({ defaultSettings: { preload: { type: 'none', limit: 0 } } })
  const phones: Phone[] = []
  for (let place = 0; place < ACCOUNTS; place += 1)
    phones.push(await live.phone(String(FIRST_NUMBER + place), `Phone ${place}`))
  await Promise.all(phones.map((phone) => trunk.link(phone.number, phone)))
  const people: Phone[] = []
  for (let place = ACCOUNTS; people.length < GROUP_SIZE - MEMBERS_AT_FIRST; place += 1)
    people.push(await live.phone(String(FIRST_NUMBER + place), `Phone ${place}`))
  const [owner, ...others] = phones
  if (!owner) throw new Error('There is no phone')
  let members = [owner, ...others.slice(0, MEMBERS_AT_FIRST - 1)]
  const waiting = others.slice(MEMBERS_AT_FIRST - 1)
  const left: Phone[] = []
  const { groups } = trunk.manager.session(owner.number)
  const participants = [...members.slice(1), ...people].map(({ number }) => number)
  const { group } = await groups.create({ subject: 'Coming and going', participants })
  expect(group.participants).toHaveLength(GROUP_SIZE)

  // What a message costs: for whom it, or the key that opens it, is encrypted.
  const costs: number[] = []
  let cost = 0
  const stopTap = live.simulator.tap(({ direction, node }) => {
    if (direction === 'in' && node.tag === 'message' && node.attrs.to === group.id) cost += sealedIn(node)
  })
  for (let round = 0; round < ROUNDS; round += 1) {
    cost = 0
    const [leaver, joiner] = [members[1], waiting[round]]
    if (!leaver || !joiner) throw new Error('There is nobody left')
    expect(await groups.removeParticipants(group.id, [leaver.number])).toMatchObject([{ ok: true }])
    expect(await groups.addParticipants(group.id, [joiner.number])).toMatchObject([{ ok: true }])
    members = [...members.filter((member) => member !== leaver), joiner]
    left.push(leaver)
    await live.simulator.changeGroup(group.id, { overhearing: left.map(({ number }) => number) })
    const isAdded = (ids: readonly string[] = []) => ids.includes(joiner.lid)
    for (const { number } of members)
      await trunk.heardEvent('group.updated', number, ({ change }) => isAdded(change.participantIds))

    const senders = [...members.slice(0, SENDERS - 1), joiner]
    const texts = senders.map(({ number }) => `round ${round} by ${number}`)
    await Promise.all(
      senders.map(({ number }, place) => trunk.manager.send(number, { to: group.id, text: texts[place] ?? '' })),
    )
    for (const text of texts) for (const person of people) await person.waitForMessage({ text, chat: group.id })
    for (const [place, text] of texts.entries())
      for (const member of members) {
        await member.waitForMessage({ text, chat: group.id })
        const name = senders[place] === member ? 'message-sent' : 'message'
        await trunk.heardEvent(
          name,
          member.number,
          ({ message }) => message.text === text && message.chatId === group.id,
        )
      }
    costs.push(cost)
  }
  // The keys of a round go to all members anew, as somebody has left; later rounds are no dearer than the first.
  expect(costs[0]).toBeGreaterThan(GROUP_SIZE)
  for (const later of costs) expect(later).toBeLessThanOrEqual(costs[0] ?? 0)
  stopTap()

  const unread = (phone: Phone) => phone.failures.length
  expect([...members, ...people].filter(unread)).toEqual([])
  for (const leaver of left) {
    await eventually(
      () => unread(leaver),
      (count) => count > 0,
    )
    await leaver.idle()
    const after = left.indexOf(leaver)
    const heard = leaver.messages.filter(({ text }) => Number(/^round (\d+)/.exec(text ?? '')?.[1]) >= after)
    expect(heard).toEqual([])
  }
  const placeholders = members.flatMap(({ number }) =>
    trunk.events('message.notice', number).filter(({ message }) => message.type === 'placeholder'),
  )
  expect(placeholders).toEqual([])
}, 240_000)

it('a message is encrypted once for all while nobody leaves, and for each device once when somebody has', async () => {
  await using live = await Live.start('group costs')
  const trunk = live.manager()
  const ana = await live.phone(String(FIRST_NUMBER), 'Ana')
  await trunk.link('ana', ana)
  const people: Phone[] = []
  for (let place = 1; place < 8; place += 1)
    people.push(await live.phone(String(FIRST_NUMBER + place), `Phone ${place}`))
  const { groups } = trunk.manager.session('ana')
  const participants = people.map(({ number }) => number)
  const { group } = await groups.create({ subject: 'Calm', participants })
  const costs: number[] = []
  let members = people
  const stopTap = live.simulator.tap(({ direction, node }) => {
    if (direction === 'in' && node.tag === 'message' && node.attrs.to === group.id) costs.push(sealedIn(node))
  })
  const say = async (text: string) => {
    const { id } = await trunk.manager.send('ana', { to: group.id, text })
    for (const member of members) await member.waitForMessage({ id })
  }
  for (const text of ['one', 'two', 'three']) await say(text)
  const [leaver, ...others] = people
  await groups.removeParticipants(group.id, [leaver?.number ?? ''])
  members = others
  for (const text of ['four', 'five', 'six']) await say(text)
  stopTap()
  // For all together and for each device of the members, those of Ana among them; then for all together alone.
  const [first = 0] = costs
  expect(first).toBeGreaterThan(people.length + 1)
  expect(costs).toEqual([first, 1, 1, first - 1, 1, 1])
}, 60_000)

it('one device that cannot read has the key given to it alone, and somebody who has left to nobody', async () => {
  await using live = await Live.start('group asks again')
  const trunk = live.manager()
  const [ana, ben] = [await live.phone(String(FIRST_NUMBER), 'Ana'), await live.phone(String(FIRST_NUMBER + 1), 'Ben')]
  await trunk.link('ana', ana)
  await trunk.link('ben', ben)
  const people: Phone[] = []
  for (let place = 2; place < 7; place += 1)
    people.push(await live.phone(String(FIRST_NUMBER + place), `Phone ${place}`))
  const { groups } = trunk.manager.session('ana')
  const participants = [ben, ...people].map(({ number }) => number)
  const { group } = await groups.create({ subject: 'Asking again', participants })
  const costs: number[] = []
  const stopTap = live.simulator.tap(({ direction, node }) => {
    const isToAll = node.tag === 'message' && node.attrs.to === group.id && node.attrs.participant === undefined
    if (direction === 'in' && isToAll) costs.push(sealedIn(node))
  })
  let members = [ben, ...people]
  const say = async (text: string) => {
    const { id } = await trunk.manager.send('ana', { to: group.id, text })
    for (const member of members) await member.waitForMessage({ id })
    await trunk.heardEvent('message', 'ben', ({ message }) => message.id === id)
  }
  for (const text of ['one', 'two']) await say(text)
  live.simulator.faults.on(
    { number: ben.number, device: 1, direction: 'out', tag: 'message' },
    { do: 'corrupt' },
    { times: 1 },
  )
  for (const text of ['three', 'four', 'five']) await say(text)
  const [leaver, ...others] = people
  if (!leaver) throw new Error('There is nobody')
  await groups.removeParticipants(group.id, [leaver.number])
  await live.simulator.changeGroup(group.id, { overhearing: [leaver.number] })
  members = [ben, ...others]
  for (const text of ['six', 'seven']) {
    await say(text)
    const heard = text === 'six' ? 0 : 1
    await eventually(
      () => leaver.failures.length,
      (count) => count > heard,
    )
    await leaver.idle()
  }
  await say('eight')
  stopTap()
  const [first = 0] = costs
  expect(first).toBeGreaterThan(participants.length + 1)
  expect(costs).toEqual([first, 1, 1, 2, 1, first - 1, 1, 1])
  expect([...members, ana].filter(({ failures }) => failures.length > 0)).toEqual([])
}, 60_000)

function sealedIn(node: BinaryNode): number {
  if (node.tag === 'enc') return 1
  return Array.isArray(node.content) ? node.content.reduce((sum, child) => sum + sealedIn(child), 0) : 0
}
