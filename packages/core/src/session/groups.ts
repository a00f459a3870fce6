import type { GroupChange } from '../types/group.js'
import type { EventHandlers } from './event-dispatch.js'
import type { Identities } from './identities.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionState } from './session-state.js'

export interface GroupHandlersParts {
  state: SessionState
  publisher: SessionPublisher
  identities: Identities
}

/** What happens to groups is told under canonical ids. */
export function groupHandlers({ state, publisher, identities }: GroupHandlersParts): Pick<EventHandlers, 'group'> {
  return {
    group: async ({ groupId, change, identities: pairs }) => {
      const at = state.timestamp()
      await publisher.publish(await identities.learn(pairs, at))
      const payload = { groupId, change: await canonicalChange(change, identities) }
      await publisher.publish([{ name: 'group.updated', at, payload }])
    },
  }
}

async function canonicalChange(change: GroupChange, identities: Identities): Promise<GroupChange> {
  const [byId] = change.byId ? await identities.canonical([change.byId]) : []
  const by = byId ? { byId } : {}
  if (!change.participantIds) return { ...change, ...by }
  return { ...change, ...by, participantIds: await identities.canonical(change.participantIds) }
}
