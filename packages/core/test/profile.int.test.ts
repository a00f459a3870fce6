import sharp from 'sharp'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually, Live } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'

let live: Live

beforeEach(async () => {
  live = await Live.start('profile')
})

afterEach(() => live[Symbol.asyncDispose]())

const image = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 40, b: 40 } } })
    .png()
    .toBuffer()

async function start() {
  const ana = await live.phone(ANA, 'Ana')
  const trunk = live.manager()
  await trunk.link('ana', ana)
  return { ana, trunk, session: trunk.manager.session('ana') }
}

it('what the account says of itself is read and changed, and its phone has it', async () => {
  const { ana, trunk, session } = await start()
  expect(await session.profile.get()).toMatchObject({
    id: ana.lid,
    phone: ANA,
    lid: ana.lid,
    picture: { state: 'none' },
  })
  expect(await session.profile.update({ about: 'At the shop' })).toMatchObject({ about: { text: 'At the shop' } })
  expect(ana.about).toBe('At the shop')
  const from = trunk.heard.length
  expect(await session.profile.update({ name: ' The shop ' })).toMatchObject({ name: 'The shop' })
  expect(await ana.nameSet()).toBe('The shop')
  await eventually(
    async () => (await trunk.manager.get('ana')).account?.pushName,
    (name) => name === 'The shop',
  )
  expect(trunk.heard.slice(from).map(({ name }) => name)).not.toContain('connected')
  await expect(session.profile.update({})).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  await expect(session.profile.update({ about: 'x'.repeat(140) })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
})

it('a picture becomes the square JPEG that WhatsApp takes, and is taken away again', async () => {
  const { ana, session } = await start()
  await session.profile.setPicture(await image(900, 300))
  const set = await sharp(ana.picture).metadata()
  expect([set.format, set.width, set.height]).toEqual(['jpeg', 640, 640])
  expect((await session.profile.get()).picture).toMatchObject({ state: 'shown', url: expect.any(String) })
  await expect(session.profile.setPicture(Buffer.from('no picture'))).rejects.toMatchObject({ code: 'PICTURE_INVALID' })
  await session.profile.removePicture()
  expect(ana.picture).toBeUndefined()
})

it('a group has a picture too, and everybody hears who has set it', async () => {
  const { ana, trunk, session } = await start()
  const ben = await live.phone(BEN, 'Ben')
  await trunk.link('ben', ben)
  const { group } = await session.groups.create({ subject: 'Team', participants: [BEN] })
  await session.groups.setPicture(group.id, await image(100, 100))
  expect(await trunk.manager.session('ben').contacts.picture(group.id)).toMatchObject({ state: 'shown' })
  await trunk.heardEvent('group.updated', 'ben', ({ change }) => change.kind === 'picture' && change.byId === ana.lid)
  expect(ben.groupNotices).toContainEqual({ group: group.id, kind: 'picture', by: ana.jid, participants: [] })
  await live.simulator.changeGroup(group.id, { settings: { locked: true } })
  const refused = trunk.manager.session('ben').groups.setPicture(group.id, await image(100, 100))
  await expect(refused).rejects.toMatchObject({ code: 'GROUP_FORBIDDEN' })
  await session.groups.removePicture(group.id)
  expect(await session.contacts.picture(group.id)).toEqual({ state: 'none' })
})

it('who may see what is read and changed', async () => {
  const { trunk, session } = await start()
  await trunk.link('ben', await live.phone(BEN, 'Ben'))
  expect(await session.profile.privacy()).toMatchObject({ lastSeen: 'all', readReceipts: 'all', groupAdd: 'all' })
  const changed = await session.profile.updatePrivacy({ picture: 'none', groupAdd: 'none' })
  expect(changed).toMatchObject({ picture: 'none', groupAdd: 'none', lastSeen: 'all' })
  expect(await trunk.manager.session('ben').contacts.picture(ANA)).toEqual({ state: 'hidden' })
  const made = await trunk.manager.session('ben').groups.create({ subject: 'Us', participants: [ANA] })
  expect(made.outcomes).toMatchObject([{ ok: false, code: 'INVITATION_NEEDED' }])
})
