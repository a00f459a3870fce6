import { describe, expect, it } from 'vitest'
import { toCreatedGroup, toGroupChange, toParticipantsChange } from './to-group-change.js'

const id = '120363000000000001@g.us'
const author = '200000000000002:1@lid'
const byId = '200000000000002@lid'

describe('what happens to a group', () => {
  it.each([
    [{ subject: 'The team' }, { kind: 'subject', subject: 'The team' }],
    [{ desc: 'ours' }, { kind: 'description', description: 'ours' }],
    [{ desc: undefined }, { kind: 'description' }],
    [{ announce: true }, { kind: 'settings', settings: { adminsWrite: true } }],
    [{ restrict: false }, { kind: 'settings', settings: { adminsEdit: false } }],
    [{ memberAddMode: true }, { kind: 'settings', settings: { adminsAdd: false } }],
    [{ joinApprovalMode: true }, { kind: 'settings', settings: { joiningIsApproved: true } }],
    [{ inviteCode: 'secret' }, { kind: 'settings', settings: { inviteChanged: true } }],
  ])('is told with who did it: %j', (update, change) => {
    expect(toGroupChange({ id, author, ...update } as Parameters<typeof toGroupChange>[0])).toEqual({ ...change, byId })
    expect(toGroupChange({ id, ...update } as Parameters<typeof toGroupChange>[0])).toEqual(change)
  })

  it('is nothing when the whole group is told, or nothing that is known', () => {
    expect(toGroupChange({ id, subject: 'Team', participants: [] })).toBeUndefined()
    expect(toGroupChange({ id, author })).toBeUndefined()
  })

  it.each([
    ['add', 'added'],
    ['remove', 'removed'],
    ['promote', 'promoted'],
    ['demote', 'demoted'],
    ['modify', 'changed'],
  ] as const)('names whom it was done to: %s', (action, told) => {
    const participants = [{ id: '15550000003:2@s.whatsapp.net' }] as Parameters<
      typeof toParticipantsChange
    >[0]['participants']
    expect(toParticipantsChange({ id, author, participants, action })).toEqual({
      kind: 'participants',
      action: told,
      participantIds: ['15550000003@s.whatsapp.net'],
      byId,
    })
  })

  it('begins with who made it', () => {
    const created = { id, subject: 'Team', author, participants: [], owner: author } as Parameters<
      typeof toCreatedGroup
    >[0]
    expect(toCreatedGroup(created)).toEqual({ kind: 'created', subject: 'Team', byId })
  })
})
