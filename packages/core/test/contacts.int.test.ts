import { afterEach, beforeEach, expect, it } from 'vitest'
import { Live } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

let live: Live

beforeEach(async () => {
  live = await Live.start('contacts')
})

afterEach(() => live[Symbol.asyncDispose]())

async function start() {
  const ana = await live.phone(ANA, 'Ana')
  const ben = await live.phone(BEN, 'Ben')
  const trunk = live.manager()
  await trunk.link('ana', ana)
  return { ana, ben, trunk, contacts: trunk.manager.session('ana').contacts }
}

it('whoever has written is a contact, found by any part of a name or a number', async () => {
  const { ben, trunk, contacts } = await start()
  const carol = await live.phone(CAROL, 'Carölina')
  await ben.sendText(ANA, 'hello')
  await carol.sendText(ANA, 'hello too')
  await trunk.heardEvent('contact.updated', 'ana', ({ contact }) => contact.pushName === 'Carölina')
  await trunk.heardEvent('contact.updated', 'ana', ({ contact }) => contact.pushName === 'Ben')
  const named = async (text: string) => (await contacts.list({ text })).items.map(({ pushName }) => pushName)
  expect(await named('CARÖL')).toEqual(['Carölina'])
  expect(await named(BEN.slice(3))).toEqual(['Ben'])
  expect(await named('nobody')).toEqual([])
  expect((await contacts.list()).items.map(({ id }) => id).sort()).toEqual([ben.lid, carol.lid].sort())
  expect(await contacts.get(`+${BEN}`)).toMatchObject({ id: ben.lid, phone: BEN, pushName: 'Ben' })
  await expect(contacts.get('15559999999')).rejects.toMatchObject({ code: 'CONTACT_NOT_FOUND' })
})

it('a thousand numbers are checked in four questions, an answer for each; asked again, in none', async () => {
  const { ben, contacts } = await start()
  let questions = 0
  live.simulator.tap(({ direction, node }) => {
    if (direction === 'in' && node.attrs.xmlns === 'usync') questions += 1
  })
  const numbers = Array.from({ length: 997 }, (_, index) => `1556${String(index).padStart(7, '0')}`)
  const checked = await contacts.check([`+1 (555) 000-0002`, ...numbers, 'nonsense', BEN])
  expect(questions).toBe(4)
  const found = { state: 'on_whatsapp', id: ben.lid, phone: BEN, lid: ben.lid }
  expect(checked[0]).toEqual({ number: '+1 (555) 000-0002', ...found })
  expect(checked.at(-1)).toEqual({ number: BEN, ...found })
  expect(checked.at(-2)).toEqual({ number: 'nonsense', state: 'invalid' })
  expect(checked.slice(1, -2)).toEqual(numbers.map((number) => ({ number, state: 'not_on_whatsapp' })))
  await contacts.check([BEN, ...numbers.slice(-500)])
  expect(questions).toBe(4)
  await expect(contacts.check([...numbers, BEN, BEN, BEN, BEN])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
})

it('asking too often is told, and is no "not on WhatsApp"', async () => {
  const { contacts } = await start()
  live.simulator.faults.on(
    { direction: 'in', tag: 'iq', xmlns: 'usync' },
    { do: 'error', code: 429, text: 'rate-overlimit' },
    { times: 1 },
  )
  await expect(contacts.check([CAROL])).rejects.toMatchObject({ code: 'WHATSAPP_RATE_LIMITED', retryable: true })
  expect(await contacts.check([CAROL])).toEqual([{ number: CAROL, state: 'not_on_whatsapp' }])
})

it('pictures and words are shown, missing or hidden, and each is an answer', async () => {
  const { ben, contacts } = await start()
  expect(await contacts.picture(BEN)).toEqual({ state: 'none' })
  expect(await contacts.about(BEN)).toMatchObject({ state: 'shown', text: 'Hey there! I am using WhatsApp.' })
  await ben.setPicture(Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0]))
  await ben.setAbout('at the sea')
  const shown = await contacts.picture(ben.lid, { preview: true })
  expect(shown).toEqual({ state: 'shown', id: expect.any(String), url: expect.stringContaining('_preview') })
  expect(await contacts.about(ben.lid)).toEqual({ state: 'shown', text: 'at the sea', setAt: expect.any(String) })
  await ben.setPrivacy('profile', 'none')
  await ben.setPrivacy('status', 'none')
  expect(await contacts.picture(BEN)).toEqual({ state: 'hidden' })
  expect(await contacts.about(BEN)).toEqual({ state: 'hidden' })
})

it('who is blocked is not heard any more, until the block is taken away', async () => {
  const { ana, ben, trunk, contacts } = await start()
  await contacts.block(BEN)
  expect(ana.blocked).toEqual([BEN])
  expect(await contacts.blocked()).toEqual([{ id: ben.lid, phone: BEN }])
  await ben.sendText(ANA, 'do you hear me?')
  await contacts.unblock(ben.lid)
  expect(ana.blocked).toEqual([])
  await ben.sendText(ANA, 'and now?')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'and now?')
  expect(trunk.events('message', 'ana').map(({ message }) => message.text)).toEqual(['and now?'])
  await expect(contacts.block('15559999999')).rejects.toMatchObject({ code: 'RECIPIENT_NOT_ON_WHATSAPP' })
  await expect(contacts.block('120363000000000001@g.us')).rejects.toMatchObject({ code: 'RECIPIENT_INVALID' })
})

it('a business tells what it is, and a person is none', async () => {
  const { trunk } = await start()
  const businessProfile = { description: 'We bake', address: 'Main Street 1', websites: ['https://bakery.example'] }
  await live.simulator.createPhone({ number: CAROL, name: 'Bakery', businessProfile })
  await live.simulator.createPhone({ number: '15550000009', name: 'Dora', business: false })
  const { contacts } = trunk.manager.session('ana')
  expect(await contacts.business(CAROL)).toEqual({ isBusiness: true, ...businessProfile })
  expect(await contacts.business('15550000009')).toEqual({ isBusiness: false })
})
