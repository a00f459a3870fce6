import type { GroupState } from '../model/state.js'
import { inviteCodeOf } from '../server/group-facts.js'
import { askToJoin, decide, isFull } from '../server/group-members.js'
import { groupNode, participantNode } from '../server/groups.js'
import { type BinaryNode, childrenOf, node } from '../wire/node.js'
import { groupOfAdmin, peopleIn, requestNode } from './groups.js'
import { type Query, QueryError, type QueryTable } from './query.js'

/** `w:g2`: invitations, and who asks to be let in. To the group itself they are about its code, to `@g.us` about a code's group. */
export const groupInvitationHandlers: QueryTable = {
  'w:g2/get/invite': (query) => {
    if (!isAboutCode(query)) return [inviteNode(inviteCodeOf(query.server, groupOfAdmin(query, 401)))]
    // Strangers see what it is, and how many are in it.
    const { attrs, content } = groupNode(query.server, groupOfCode(query))
    const shown = Array.isArray(content) ? content.filter(({ attrs: { type } }) => type === 'superadmin') : []
    return [node('group', attrs, shown)]
  },
  'w:g2/set/invite': (query) => {
    const { server, party } = query
    if (!isAboutCode(query))
      return [inviteNode(inviteCodeOf(server, groupOfAdmin(query, 401), { renewedBy: party.account }))]
    const group = groupOfCode(query)
    if (isFull(group) && !group.participants.has(party.account.number)) throw new QueryError(419, 'resource-limit')
    const tag = askToJoin(server, group, party.account) === 'joined' ? 'group' : 'membership_approval_request'
    return [node(tag, { jid: group.jid })]
  },
  'w:g2/get/membership_approval_requests': (query) => {
    const group = groupOfAdmin(query)
    const asking = [...(group.requests ?? [])].flatMap(([number, at]) => {
      const account = query.server.world.account(number)
      return account ? [requestNode(group, account, at)] : []
    })
    return [node('membership_approval_requests', {}, asking)]
  },
  'w:g2/set/membership_requests_action': (query) => {
    const { server, party, child } = query
    const group = groupOfAdmin(query)
    const verdicts = childrenOf(child).filter(({ tag }) => tag === 'approve' || tag === 'reject')
    const answers = verdicts.map((verdict) =>
      node(
        verdict.tag,
        {},
        peopleIn(query, verdict).map(({ jid, account }): BinaryNode => {
          if (!account) return node('participant', { jid, error: '404' })
          const error = decide(server, group, party.account, verdict.tag === 'approve' ? 'approve' : 'reject', account)
          return participantNode(group, account, { error })
        }),
      ),
    )
    return [node('membership_requests_action', {}, answers)]
  },
}

const isAboutCode = ({ iq }: Query): boolean => iq.attrs.to === '@g.us' || iq.attrs.to === 'g.us'

const inviteNode = (code: string): BinaryNode => node('invite', { code })

/** A code that was replaced is 410 at WhatsApp; here nobody knows it any more, nor one that never was: 406. */
function groupOfCode({ server, child }: Query): GroupState {
  const { code } = child?.attrs ?? {}
  const group = [...server.world.state.groups.values()].find(({ inviteCode }) => code && inviteCode === code)
  if (group) return group
  throw new QueryError(406, 'not-acceptable')
}
