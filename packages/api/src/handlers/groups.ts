import type { Handler, Manager } from '../handler.js'
import { pictureOf } from './profile.js'

type GroupRoute =
  | 'listGroups'
  | 'createGroup'
  | 'getGroup'
  | 'updateGroup'
  | 'addGroupParticipants'
  | 'removeGroupParticipants'
  | 'promoteGroupParticipants'
  | 'demoteGroupParticipants'
  | 'setGroupPicture'
  | 'removeGroupPicture'
  | 'getGroupInvite'
  | 'renewGroupInvite'
  | 'getInvitedGroup'
  | 'joinGroup'
  | 'leaveGroup'
  | 'listGroupRequests'
  | 'approveGroupRequests'
  | 'rejectGroupRequests'

export function groupHandlers(manager: Manager): { [Name in GroupRoute]: Handler<Name> } {
  const groupsOf = (sessionId: string) => manager.session(sessionId).groups
  return {
    async listGroups({ params }) {
      return { status: 200, body: { items: await groupsOf(params.sessionId).list() } }
    },
    async createGroup({ params, body }) {
      return { status: 201, body: await groupsOf(params.sessionId).create(body) }
    },
    async getGroup({ params: { sessionId, groupId } }) {
      return { status: 200, body: await groupsOf(sessionId).get(groupId) }
    },
    async updateGroup({ params: { sessionId, groupId }, body }) {
      return { status: 200, body: await groupsOf(sessionId).update(groupId, body) }
    },
    async addGroupParticipants({ params: { sessionId, groupId }, body: { participants } }) {
      return { status: 200, body: { outcomes: await groupsOf(sessionId).addParticipants(groupId, participants) } }
    },
    async removeGroupParticipants({ params: { sessionId, groupId }, body: { participants } }) {
      return { status: 200, body: { outcomes: await groupsOf(sessionId).removeParticipants(groupId, participants) } }
    },
    async promoteGroupParticipants({ params: { sessionId, groupId }, body: { participants } }) {
      return { status: 200, body: { outcomes: await groupsOf(sessionId).promoteParticipants(groupId, participants) } }
    },
    async demoteGroupParticipants({ params: { sessionId, groupId }, body: { participants } }) {
      return { status: 200, body: { outcomes: await groupsOf(sessionId).demoteParticipants(groupId, participants) } }
    },
    async setGroupPicture({ params: { sessionId, groupId }, body, upload }) {
      await groupsOf(sessionId).setPicture(groupId, await pictureOf(body, upload))
      return { status: 204, body: undefined }
    },
    async removeGroupPicture({ params: { sessionId, groupId } }) {
      await groupsOf(sessionId).removePicture(groupId)
      return { status: 204, body: undefined }
    },
    async getGroupInvite({ params: { sessionId, groupId } }) {
      return { status: 200, body: await groupsOf(sessionId).invite(groupId) }
    },
    async renewGroupInvite({ params: { sessionId, groupId } }) {
      return { status: 200, body: await groupsOf(sessionId).renewInvite(groupId) }
    },
    async getInvitedGroup({ params, query }) {
      return { status: 200, body: await groupsOf(params.sessionId).invited(query.code) }
    },
    async joinGroup({ params, body }) {
      return { status: 200, body: await groupsOf(params.sessionId).join(body.code) }
    },
    async leaveGroup({ params: { sessionId, groupId } }) {
      await groupsOf(sessionId).leave(groupId)
      return { status: 204, body: undefined }
    },
    async listGroupRequests({ params: { sessionId, groupId } }) {
      return { status: 200, body: { items: await groupsOf(sessionId).joinRequests(groupId) } }
    },
    async approveGroupRequests({ params: { sessionId, groupId }, body: { participants } }) {
      return { status: 200, body: { outcomes: await groupsOf(sessionId).approveJoinRequests(groupId, participants) } }
    },
    async rejectGroupRequests({ params: { sessionId, groupId }, body: { participants } }) {
      return { status: 200, body: { outcomes: await groupsOf(sessionId).rejectJoinRequests(groupId, participants) } }
    },
  }
}
