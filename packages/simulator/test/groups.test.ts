import { beforeAll, describe, expect, it } from 'vitest'
import type { GroupInfo, Phone } from '../src/index.js'
import type { TestClient } from './client.js'
import { ANA, BEN, CAROL, eventually, Simulation } from './simulation.js'

describe('groups', () => {
  const simulation = new Simulation('groups', 'file')
  let ana: Phone
  let ben: Phone
  let carol: Phone
  let anaClient: TestClient
  let benClient: TestClient
  let group: GroupInfo

  beforeAll(async () => {
    ana = await simulation.phone(ANA, 'Ana')
    ben = await simulation.phone(BEN, 'Ben')
    carol = await simulation.phone(CAROL, 'Carol')
    anaClient = await simulation.companion(ana)
    benClient = await simulation.companion(ben)
    group = await simulation.sim.createGroup({ subject: 'Team', creator: ANA, participants: [BEN, CAROL] })
  })

  it('are known to their members, with who is in them', async () => {
    const metadata = await benClient.socket.groupMetadata(group.jid)
    expect(metadata).toMatchObject({ id: group.jid, subject: 'Team', addressingMode: 'lid', owner: ana.lid, size: 3 })
    expect(metadata.participants).toContainEqual(
      expect.objectContaining({ id: ana.lid, phoneNumber: ana.jid, admin: 'superadmin' }),
    )
    expect(Object.keys(await benClient.socket.groupFetchAllParticipating())).toEqual([group.jid])
  })

  it('carry a message of a client to every device of every member', async () => {
    const id = await anaClient.sendText(group.jid, 'hello all')
    const { message } = await benClient.message('hello all')
    expect(message.key).toMatchObject({ id, remoteJid: group.jid, participant: ana.lid, fromMe: false })
    for (const phone of [ana, ben, carol]) {
      expect(await phone.waitForMessage('hello all')).toMatchObject({ from: ana.jid, chat: group.jid })
    }
    await anaClient.sendText(group.jid, 'by the same sender key')
    await carol.waitForMessage('by the same sender key')
    await benClient.message('by the same sender key')
  })

  it('carry a message of a phone', async () => {
    await carol.sendText(group.jid, 'hello from my phone')
    for (const client of [anaClient, benClient]) {
      const { message } = await client.message('hello from my phone')
      expect(message).toMatchObject({ pushName: 'Carol', key: { participant: carol.lid, fromMe: false } })
    }
    await ben.waitForMessage('hello from my phone')
  })

  it('tell the author who has got a message and who has read it', async () => {
    const id = await anaClient.sendText(group.jid, 'read this')
    await carol.waitForMessage('read this')
    await carol.markRead(id)
    await anaClient.readInGroup(id)
  })

  it('show who is typing', async () => {
    await anaClient.socket.sendPresenceUpdate('available')
    await carol.setTyping(group.jid, 'composing')
    await anaClient.until(() => anaClient.presences.some(({ id }) => id === group.jid), 'the typing')
  })

  it('are asked again for what a member could not decrypt', async () => {
    simulation.sim.faults.on({ number: BEN, tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    await carol.sendText(group.jid, 'once more')
    await benClient.message('once more')
  })

  it('change by the hand of an admin, and everybody is told', async () => {
    const changes: string[] = []
    benClient.socket.ev.on('group-participants.update', ({ action, participants }) => {
      changes.push(...participants.map((each) => `${action} ${typeof each === 'string' ? each : each.id}`))
    })
    benClient.socket.ev.on('groups.update', (updates) => changes.push(...updates.map(({ subject }) => `${subject}`)))

    await anaClient.socket.groupParticipantsUpdate(group.jid, [carol.jid], 'promote')
    await anaClient.socket.groupUpdateSubject(group.jid, 'The team')
    await anaClient.socket.groupParticipantsUpdate(group.jid, [carol.jid], 'remove')
    await eventually(() => changes).toEqual([`promote ${carol.lid}`, 'The team', `remove ${carol.lid}`])
    await expect(carol.sendText(group.jid, 'still here?')).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' })

    await anaClient.sendText(group.jid, 'without Carol')
    await ben.waitForMessage('without Carol')
    await carol.idle()
    expect(carol.messages.some(({ text }) => text === 'without Carol')).toBe(false)
  })

  it('do not change by the hand of somebody else', async () => {
    const change = benClient.socket.groupParticipantsUpdate(group.jid, [carol.jid], 'add')
    await expect(change).rejects.toMatchObject({ data: 403 })
    await expect(anaClient.socket.groupMetadata('120363000000000000@g.us')).rejects.toThrow('item-not-found')
  })

  it('are made by a client, described, and left', async () => {
    const made = await benClient.socket.groupCreate('Two of us', [ana.jid])
    expect(made).toMatchObject({ subject: 'Two of us', owner: ben.lid, size: 2 })
    await benClient.socket.groupUpdateDescription(made.id, 'about us')
    expect(await anaClient.socket.groupMetadata(made.id)).toMatchObject({ desc: 'about us' })
    // Who replaces a description has to name the one that is there: Baileys looks first.
    await benClient.socket.groupUpdateDescription(made.id, 'more about us')
    await benClient.socket.groupUpdateDescription(made.id)
    expect((await anaClient.socket.groupMetadata(made.id)).desc).toBeUndefined()
    await anaClient.socket.groupLeave(made.id)
    const left = simulation.sim.groups.find(({ jid }) => jid === made.id)
    expect(left?.participants).toEqual([{ number: BEN, role: 'superadmin' }])
  })

  it('have settings, which admins change', async () => {
    const { id } = await benClient.socket.groupCreate('Settings', [ana.jid])
    await benClient.socket.groupSettingUpdate(id, 'announcement')
    await benClient.socket.groupSettingUpdate(id, 'locked')
    await benClient.socket.groupJoinApprovalMode(id, 'on')
    await benClient.socket.groupMemberAddMode(id, 'all_member_add')
    await benClient.socket.groupToggleEphemeral(id, 86_400)
    expect(await anaClient.socket.groupMetadata(id)).toMatchObject({
      announce: true,
      restrict: true,
      joinApprovalMode: true,
      memberAddMode: true,
      ephemeralDuration: 86_400,
    })
    await expect(anaClient.socket.groupUpdateSubject(id, 'mine')).rejects.toMatchObject({ data: 403 })
    await expect(anaClient.socket.groupSettingUpdate(id, 'unlocked')).rejects.toMatchObject({ data: 403 })
    await expect(benClient.socket.groupToggleEphemeral(id, 5)).rejects.toMatchObject({ data: 400 })
    await benClient.socket.groupSettingUpdate(id, 'unlocked')
    await benClient.socket.groupToggleEphemeral(id, 0)
    const metadata = await anaClient.socket.groupMetadata(id)
    expect([metadata.restrict, metadata.ephemeralDuration]).toEqual([false, undefined])
  })

  it('let in who has the invitation, or asks and is let in', async () => {
    const { id } = await benClient.socket.groupCreate('Invitations', [])
    const code = (await benClient.socket.groupInviteCode(id)) ?? ''
    await expect(anaClient.socket.groupInviteCode(id)).rejects.toMatchObject({ data: 403 })
    expect(await anaClient.socket.groupGetInviteInfo(code)).toMatchObject({ id, subject: 'Invitations' })
    expect(await anaClient.socket.groupAcceptInvite(code)).toBe(id)
    await expect(anaClient.socket.groupInviteCode(id)).rejects.toMatchObject({ data: 401 })
    await anaClient.socket.groupLeave(id)
    const renewed = (await benClient.socket.groupRevokeInvite(id)) ?? ''
    await expect(anaClient.socket.groupAcceptInvite(code)).rejects.toMatchObject({ data: 406 })
    await benClient.socket.groupJoinApprovalMode(id, 'on')
    await anaClient.socket.groupAcceptInvite(renewed)
    expect(await benClient.socket.groupRequestParticipantsList(id)).toMatchObject([{ jid: ana.lid }])
    const verdict = await benClient.socket.groupRequestParticipantsUpdate(id, [ana.lid, carol.lid], 'approve')
    expect(verdict).toEqual([
      { status: '200', jid: ana.lid },
      { status: '404', jid: carol.lid },
    ])
    expect((await benClient.socket.groupMetadata(id)).size).toBe(2)
  })

  it('tell for each person why nothing could be done', async () => {
    await carol.setPrivacy('groupadd', 'none')
    const made = await benClient.socket.groupCreate('Outcomes', [ana.jid, carol.jid, '15559999999@s.whatsapp.net'])
    const add = await benClient.socket.groupParticipantsUpdate(made.id, [ana.jid, carol.jid], 'add')
    expect(add.map(({ status }) => status)).toEqual(['409', '403'])
    const remove = await benClient.socket.groupParticipantsUpdate(made.id, [ana.lid, carol.lid], 'remove')
    expect(remove.map(({ status }) => status)).toEqual(['200', '404'])
    expect(ana.groupNotices).toContainEqual({ group: made.id, kind: 'remove', by: ben.jid, participants: [ana.jid] })
    await carol.setPrivacy('groupadd', 'all')
  })

  it('may be addressed by number', async () => {
    const byNumber = await simulation.sim.createGroup({
      subject: 'Numbers',
      creator: BEN,
      participants: [ANA],
      addressing: 'pn',
    })
    await anaClient.sendText(byNumber.jid, 'hello numbers')
    const { message } = await benClient.message('hello numbers')
    expect(message.key).toMatchObject({ participant: ana.jid, participantAlt: ana.lid })
  })

  it('change by the hand of a test', async () => {
    const changed = await simulation.sim.changeGroup(group.jid, { add: [CAROL], promote: [BEN], subject: 'All' })
    expect(changed).toMatchObject({
      subject: 'All',
      participants: expect.arrayContaining([{ number: BEN, role: 'admin' }]),
    })
    await carol.sendText(group.jid, 'I am back')
    await benClient.message('I am back')
    await expect(simulation.sim.changeGroup('1@g.us', {})).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' })
    const unknown = { subject: 'x', creator: ANA, participants: ['1'] }
    await expect(simulation.sim.createGroup(unknown)).rejects.toMatchObject({ field: 'participants' })
  })
})
