import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EventOf } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'
const DORA = '15550000004'
const STRANGER = '15559999999'

let live: Live

beforeEach(async () => {
  live = await Live.start('group changes')
})

afterEach(() => live[Symbol.asyncDispose]())

async function phones() {
  return {
    ana: await live.phone(ANA, 'Ana'),
    ben: await live.phone(BEN, 'Ben'),
    carol: await live.phone(CAROL, 'Carol'),
    dora: await live.phone(DORA, 'Dora'),
  }
}

type Change = EventOf<'group.updated'>['change']

const told = (trunk: LiveManager, sessionId: string, fits: (change: Change) => boolean) =>
  trunk.heardEvent('group.updated', sessionId, ({ change }) => fits(change))

const stateOf = (groupId: string) => live.simulator.groups.find(({ jid }) => jid === groupId)

it('a group is made with an outcome for each person, and everybody in it has it', async () => {
  const { ana, ben, carol, dora } = await phones()
  const trunk = live.manager()
  await trunk.link('ana', ana)
  await trunk.link('ben', ben)
  // Dora lets nobody add her.
  await dora.setPrivacy('groupadd', 'none')
  const { groups } = trunk.manager.session('ana')
  const made = await groups.create({ subject: ' Team ', participants: [BEN, `+${CAROL}`, DORA, STRANGER, carol.lid] })
  expect(made.outcomes).toEqual([
    { id: ben.lid, ok: true },
    { id: carol.lid, ok: true },
    { id: dora.lid, ok: false, code: 'INVITATION_NEEDED' },
    { id: `${STRANGER}@s.whatsapp.net`, ok: false, code: 'NOT_ON_WHATSAPP' },
  ])
  expect(made.group).toMatchObject({ subject: 'Team', ownerId: ana.lid, settings: { announce: false, locked: false } })
  expect(made.group.participants).toHaveLength(3)
  expect(made.group.participants).toContainEqual({ id: ben.lid, phone: BEN, role: 'member' })
  expect(made.group.participants).toContainEqual({ id: ana.lid, phone: ANA, role: 'owner' })
  expect(
    stateOf(made.group.id)
      ?.participants.map(({ number }) => number)
      .sort(),
  ).toEqual([ANA, BEN, CAROL])
  expect(await told(trunk, 'ben', ({ kind }) => kind === 'created')).toMatchObject({
    groupId: made.group.id,
    change: { subject: 'Team', byId: ana.lid },
  })
  expect(carol.groupNotices).toContainEqual(expect.objectContaining({ kind: 'create', by: ana.jid }))
  expect(await trunk.manager.session('ben').groups.list()).toEqual([made.group])
})

it('what an admin changes is what the group has, and everybody hears who did what', async () => {
  const { ana, ben } = await phones()
  const trunk = live.manager()
  await trunk.link('ana', ana)
  await trunk.link('ben', ben)
  const { groups } = trunk.manager.session('ana')
  const { group } = await groups.create({ subject: 'Team', participants: [BEN] })
  const changed = await groups.update(group.id, {
    subject: 'The team',
    description: 'about us',
    settings: { announce: true, locked: true, joinApproval: true, memberAdd: true, ephemeralSeconds: 86_400 },
  })
  const settings = { announce: true, locked: true, joinApproval: true, memberAdd: true, ephemeralSeconds: 86_400 }
  expect(changed).toMatchObject({ subject: 'The team', description: 'about us', settings })
  expect(stateOf(group.id)).toMatchObject({ subject: 'The team', description: 'about us' })
  const by = { byId: ana.lid }
  for (const change of [
    { kind: 'subject', subject: 'The team', ...by },
    { kind: 'description', description: 'about us', ...by },
    ...Object.entries(settings).map(([name, value]) => ({ kind: 'settings', settings: { [name]: value }, ...by })),
  ])
    await told(trunk, 'ben', (one) => isDeepStrictEqual(one, change))
  // A second description replaces the first, which WhatsApp wants to be named; then it goes.
  expect(await groups.update(group.id, { description: 'more about us' })).toMatchObject({
    description: 'more about us',
  })
  const bare = await groups.update(group.id, { description: null, settings: { ephemeralSeconds: 0 } })
  expect(bare.description).toBeUndefined()
  expect(bare.settings.ephemeralSeconds).toBeUndefined()
  await told(trunk, 'ben', ({ settings }) => settings?.ephemeralSeconds === 0)
})

it('people are added, promoted, demoted and removed with an outcome for each', async () => {
  const { ana, ben, carol, dora } = await phones()
  const trunk = live.manager()
  await trunk.link('ana', ana)
  await trunk.link('ben', ben)
  const { groups } = trunk.manager.session('ana')
  const { group } = await groups.create({ subject: 'Team', participants: [BEN] })
  expect(await groups.addParticipants(group.id, [CAROL, BEN, STRANGER])).toEqual([
    { id: carol.lid, ok: true },
    { id: ben.lid, ok: false, code: 'ALREADY_IN_GROUP' },
    { id: `${STRANGER}@s.whatsapp.net`, ok: false, code: 'NOT_ON_WHATSAPP' },
  ])
  expect(await groups.promoteParticipants(group.id, [CAROL, DORA])).toEqual([
    { id: carol.lid, ok: true },
    { id: expect.any(String), ok: false, code: 'NOT_IN_GROUP' },
  ])
  expect((await groups.get(group.id)).participants).toContainEqual({ id: carol.lid, phone: CAROL, role: 'admin' })
  expect(await groups.demoteParticipants(group.id, [carol.lid])).toEqual([{ id: carol.lid, ok: true }])
  expect(await groups.removeParticipants(group.id, [carol.jid])).toEqual([{ id: carol.lid, ok: true }])
  expect((await groups.get(group.id)).participants).toHaveLength(2)
  for (const action of ['added', 'promoted', 'demoted', 'removed'])
    await told(
      trunk,
      'ben',
      (one) => one.action === action && one.participantIds?.[0] === carol.lid && one.byId === ana.lid,
    )
  expect(carol.groupNotices.map(({ kind }) => kind)).toEqual(['add', 'promote', 'demote', 'remove'])
  // Ben goes by himself.
  await trunk.manager.session('ben').groups.leave(group.id)
  await told(trunk, 'ana', ({ action, byId }) => action === 'left' && byId === ben.lid)
  expect(stateOf(group.id)?.participants).toEqual([{ number: ANA, role: 'superadmin' }])
  expect(dora.groupNotices).toEqual([])
})

it('an invitation lets people in until it is replaced; where admins decide, they do', async () => {
  const { ana, ben, carol, dora } = await phones()
  const trunk = live.manager()
  await trunk.link('ana', ana)
  await trunk.link('ben', ben)
  await trunk.link('carol', carol)
  const { groups } = trunk.manager.session('ana')
  const { group } = await groups.create({ subject: 'Team', participants: [] })
  const first = await groups.invite(group.id)
  expect(first).toEqual({ code: stateOf(group.id)?.inviteCode, url: `https://chat.whatsapp.com/${first.code}` })
  const ofBen = trunk.manager.session('ben').groups
  expect(await ofBen.invited(first.url)).toMatchObject({ id: group.id, subject: 'Team' })
  expect(await ofBen.join(first.url)).toEqual({ groupId: group.id, state: 'joined' })
  await told(trunk, 'ana', ({ action, participantIds }) => action === 'added' && participantIds?.[0] === ben.lid)
  const renewed = await groups.renewInvite(group.id)
  expect(renewed.code).not.toBe(first.code)
  await told(trunk, 'ben', ({ settings }) => settings?.inviteChanged === true)
  const ofCarol = trunk.manager.session('carol').groups
  await expect(ofCarol.join(first.code)).rejects.toMatchObject({ code: 'GROUP_INVITE_INVALID' })

  await groups.update(group.id, { settings: { joinApproval: true } })
  expect(await ofCarol.join(renewed.code)).toEqual({ groupId: group.id, state: 'requested' })
  await live.simulator.joinGroup(group.id, dora.number)
  await told(trunk, 'ana', ({ action, participantIds }) => action === 'requested' && participantIds?.[0] === dora.lid)
  expect(await groups.joinRequests(group.id)).toEqual([
    { id: carol.lid, phone: CAROL, requestedAt: expect.any(String) },
    { id: dora.lid, phone: DORA, requestedAt: expect.any(String) },
  ])
  expect(await groups.approveJoinRequests(group.id, [carol.lid])).toEqual([{ id: carol.lid, ok: true }])
  expect(await groups.rejectJoinRequests(group.id, [DORA, BEN])).toEqual([
    { id: dora.lid, ok: true },
    { id: ben.lid, ok: false, code: 'NOT_IN_GROUP' },
  ])
  await told(trunk, 'ana', ({ action, participantIds }) => action === 'declined' && participantIds?.[0] === dora.lid)
  expect(stateOf(group.id)).toMatchObject({ requests: [] })
  expect(
    stateOf(group.id)
      ?.participants.map(({ number }) => number)
      .sort(),
  ).toEqual([ANA, BEN, CAROL])
})

it('what WhatsApp refuses has a code', async () => {
  const { ana, ben } = await phones()
  const trunk = live.manager()
  await trunk.link('ben', ben)
  const { groups } = trunk.manager.session('ben')
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: ANA, participants: [BEN], maxSize: 2 })
  const elsewhere = await live.simulator.createGroup({ subject: 'Others', creator: ANA, participants: [] })
  await live.simulator.changeGroup(jid, { settings: { locked: true } })
  await expect(groups.update(jid, { subject: 'mine' })).rejects.toMatchObject({ code: 'GROUP_FORBIDDEN' })
  await expect(groups.update(jid, { settings: { announce: true } })).rejects.toMatchObject({ code: 'GROUP_FORBIDDEN' })
  await expect(groups.addParticipants(jid, [CAROL])).rejects.toMatchObject({ code: 'GROUP_FORBIDDEN' })
  await expect(groups.invite(jid)).rejects.toMatchObject({ code: 'GROUP_FORBIDDEN' })
  await expect(groups.get(elsewhere.jid)).rejects.toMatchObject({ code: 'GROUP_FORBIDDEN' })
  await expect(groups.get('120363000000000000@g.us')).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' })
  await expect(groups.join('nothing')).rejects.toMatchObject({ code: 'GROUP_INVITE_INVALID' })
  await live.simulator.changeGroup(jid, { promote: [BEN], settings: { locked: false } })
  expect(await groups.addParticipants(jid, [CAROL])).toMatchObject([{ ok: false, code: 'GROUP_FULL' }])
  live.simulator.faults.on(
    { direction: 'in', tag: 'iq', xmlns: 'w:g2', child: 'subject' },
    { do: 'error', code: 400 },
    { times: 1 },
  )
  await expect(groups.update(jid, { subject: 'mine' })).rejects.toMatchObject({
    code: 'WHATSAPP_REFUSED',
    details: { statusCode: 400 },
  })
  await expect(groups.get('15550000001')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  await expect(groups.addParticipants(jid, ['nobody'])).rejects.toMatchObject({
    code: 'RECIPIENT_INVALID',
    details: { field: 'participants.0' },
  })
  live.simulator.faults.on(
    { direction: 'in', tag: 'iq', xmlns: 'w:g2', child: 'subject' },
    { do: 'error', code: 429 },
    { times: 1 },
  )
  await expect(groups.update(jid, { subject: 'often' })).rejects.toMatchObject({ code: 'WHATSAPP_RATE_LIMITED' })
  expect(ana.groupNotices.filter(({ kind }) => kind === 'subject')).toEqual([])
})

it('what is written to a group that the account is not in has a code, and is stored with it', async () => {
  const { ana, ben } = await phones()
  const trunk = live.manager()
  await trunk.link('ana', ana)
  await trunk.link('ben', ben)
  const { messages } = trunk.manager.session('ben')
  const elsewhere = await live.simulator.createGroup({ subject: 'Others', creator: ANA, participants: [] })
  const outside = { code: 'GROUP_FORBIDDEN', retryable: false }
  await expect(messages.send({ to: elsewhere.jid, text: 'let me in' })).rejects.toMatchObject(outside)
  const unknown = '120363000000000000@g.us'
  await expect(messages.send({ to: unknown, text: 'anybody?' })).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' })
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: ANA, participants: [BEN] })
  const { id } = await messages.send({ to: jid, text: 'I go' })
  await trunk.manager.session('ben').groups.leave(jid)
  await expect(messages.edit({ id, chatId: jid }, { text: 'I am gone' })).rejects.toMatchObject(outside)
  const queued = await messages.send({ to: jid, text: 'from outside', queue: true })
  const failed = await eventually(
    () => messages.get({ id: queued.id }),
    ({ status }) => status === 'failed',
  )
  expect(failed.error).toMatchObject({ code: 'GROUP_FORBIDDEN', message: expect.stringContaining('not in it') })
})

it('a time to disappear that WhatsApp does not have is named before anything is changed', async () => {
  const { ben } = await phones()
  const trunk = live.manager()
  await trunk.link('ben', ben)
  const { groups } = trunk.manager.session('ben')
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA] })
  await expect(groups.update(jid, { settings: { announce: true, ephemeralSeconds: 5 } })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    details: { errors: [{ field: 'settings.ephemeralSeconds', message: 'must be one of 0, 86400, 604800, 7776000' }] },
  })
  expect((await groups.get(jid)).settings.announce).toBe(false)
})

it('who has left cannot read on, and who has come can', async () => {
  const { ana, ben, carol, dora } = await phones()
  const trunk = live.manager()
  await trunk.link('ana', ana)
  const { groups } = trunk.manager.session('ana')
  const { group } = await groups.create({ subject: 'Team', participants: [BEN, CAROL] })
  const say = (text: string) => trunk.manager.send('ana', { to: group.id, text })
  await say('all of us')
  for (const phone of [ana, ben, carol]) await phone.waitForMessage('all of us')
  // Somebody else removes Carol while the session is away, and the server hands on to her what is said.
  await live.simulator.changeGroup(group.id, { promote: [BEN] })
  await trunk.manager.stopSession('ana')
  await live.simulator.changeGroup(group.id, { by: BEN, remove: [CAROL], add: [DORA], overhearing: [CAROL] })
  const from = trunk.heard.length
  await trunk.manager.startSession('ana')
  await trunk.status('ana', 'connected', from)
  await say('without Carol')
  for (const phone of [ana, ben, dora]) await phone.waitForMessage('without Carol')
  await eventually(
    () => carol.failures.length,
    (count) => count > 0,
  )
  await carol.idle()
  expect(carol.messages.map(({ text }) => text)).toEqual(['all of us'])
  expect([ana, ben, dora].flatMap(({ failures }) => failures)).toEqual([])
})

it('a send to a group does not ask who is in it each time', async () => {
  const { ana } = await phones()
  const trunk = live.manager()
  await trunk.link('ana', ana)
  const { groups } = trunk.manager.session('ana')
  const { group } = await groups.create({ subject: 'Team', participants: [BEN] })
  let asked = 0
  const stop = live.simulator.tap(({ direction, node: stanza }) => {
    const [child] = Array.isArray(stanza.content) ? stanza.content : []
    if (direction === 'in' && stanza.attrs.xmlns === 'w:g2' && child?.tag === 'query') asked += 1
  })
  for (const text of ['one', 'two', 'three']) await trunk.manager.send('ana', { to: group.id, text })
  expect(asked).toBe(0)
  await groups.addParticipants(group.id, [CAROL])
  for (const text of ['four', 'five']) await trunk.manager.send('ana', { to: group.id, text })
  await live.simulator.phone(CAROL).waitForMessage('four')
  stop()
  expect(asked).toBeLessThanOrEqual(2)
})
