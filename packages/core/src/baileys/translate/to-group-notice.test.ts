import type { BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { toGroupNotice } from './to-group-notice.js'

const GROUP = '120363000000000001@g.us'
const ANA = '200000000000001@lid'
const BEN = '200000000000002@lid'
const BEN_PN = '15550000002@s.whatsapp.net'

const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode['content']): BinaryNode =>
  content === undefined ? { tag, attrs } : { tag, attrs, content }

const notice = (child: BinaryNode, attrs: Record<string, string> = {}) =>
  toGroupNotice(
    node(
      'notification',
      { from: GROUP, type: 'w:gp2', participant: ANA, participant_pn: '15550000001@s.whatsapp.net', ...attrs },
      [child],
    ),
  )

const ben = node('participant', { jid: BEN, phone_number: BEN_PN })
const people = { participantIds: [BEN] }

describe('what WhatsApp tells of a group', () => {
  it.each<[string, BinaryNode, object]>([
    [
      'that it was made',
      node('create', {}, [node('group', { id: '1', subject: 'Team' })]),
      { kind: 'created', subject: 'Team' },
    ],
    ['who was added', node('add', {}, [ben]), { kind: 'participants', action: 'added', ...people }],
    ['who was removed', node('remove', {}, [ben]), { kind: 'participants', action: 'removed', ...people }],
    ['who is an admin', node('promote', {}, [ben]), { kind: 'participants', action: 'promoted', ...people }],
    ['who is none any more', node('demote', {}, [ben]), { kind: 'participants', action: 'demoted', ...people }],
    ['who has another number', node('modify', {}, [ben]), { kind: 'participants', action: 'changed', ...people }],
    ['its name', node('subject', { subject: 'The team' }), { kind: 'subject', subject: 'The team' }],
    [
      'its description',
      node('description', {}, [node('body', {}, Buffer.from('us'))]),
      { kind: 'description', description: 'us' },
    ],
    ['that it has none', node('description', {}, [node('delete')]), { kind: 'description' }],
    ['that only admins write', node('announcement'), { kind: 'settings', settings: { announce: true } }],
    ['that all write', node('not_announcement'), { kind: 'settings', settings: { announce: false } }],
    ['that only admins edit', node('locked'), { kind: 'settings', settings: { locked: true } }],
    ['that all edit', node('unlocked'), { kind: 'settings', settings: { locked: false } }],
    [
      'when messages go',
      node('ephemeral', { expiration: '86400' }),
      { kind: 'settings', settings: { ephemeralSeconds: 86_400 } },
    ],
    ['that they stay', node('not_ephemeral'), { kind: 'settings', settings: { ephemeralSeconds: 0 } }],
    [
      'who adds people',
      node('member_add_mode', {}, Buffer.from('all_member_add')),
      { kind: 'settings', settings: { memberAdd: true } },
    ],
    ['that admins do', node('member_add_mode', {}, 'admin_add'), { kind: 'settings', settings: { memberAdd: false } }],
    [
      'that admins decide who joins',
      node('membership_approval_mode', {}, [node('group_join', { state: 'on' })]),
      { kind: 'settings', settings: { joinApproval: true } },
    ],
    [
      'that the link is another one',
      node('invite', { code: 'secret' }),
      { kind: 'settings', settings: { inviteChanged: true } },
    ],
    [
      'who wants to join',
      node('created_membership_requests', {}, [node('requested_user', ben.attrs)]),
      { kind: 'requests', action: 'requested', ...people },
    ],
    [
      'that the doer wants to',
      node('created_membership_requests'),
      { kind: 'requests', action: 'requested', participantIds: [ANA] },
    ],
    [
      'who was not let in',
      node('revoked_membership_requests', {}, [ben]),
      { kind: 'requests', action: 'declined', ...people },
    ],
    ['that it is gone', node('delete'), { kind: 'deleted' }],
  ])('%s, and who did it', (_what, child, change) => {
    expect(notice(child)?.changes).toEqual([{ byId: ANA, ...change }])
  })

  it('tells who has left, or wants to join no more, by themselves', () => {
    const own = { participant: BEN, participant_pn: BEN_PN }
    expect(notice(node('remove', {}, [ben]), own)?.changes).toMatchObject([{ action: 'left', byId: BEN }])
    const byNumber = node('participant', { jid: BEN_PN })
    expect(notice(node('leave', {}, [byNumber]), own)?.changes).toMatchObject([{ action: 'left', byId: BEN }])
    expect(notice(node('revoked_membership_requests', {}, [ben]), own)?.changes).toMatchObject([
      { action: 'withdrawn' },
    ])
  })

  it('tells both addresses of whom it names', () => {
    expect(notice(node('add', {}, [ben]))?.identities).toEqual([
      { pn: '15550000001@s.whatsapp.net', lid: ANA },
      { pn: BEN_PN, lid: BEN },
    ])
  })

  it('tells of a picture, with who has set it', () => {
    const set = node('set', { id: '1', author: BEN })
    expect(notice(set, { type: 'picture' })?.changes).toEqual([{ kind: 'picture', byId: BEN }])
    expect(notice(set, { type: 'picture', from: BEN })).toBeUndefined()
  })

  it('passes over what it does not know', () => {
    expect(notice(node('something_new'))?.changes).toEqual([])
  })

  it('keeps the code of an invitation out of what is logged', () => {
    expect(JSON.stringify(notice(node('invite', { code: 'secret' })))).not.toContain('secret')
  })
})
