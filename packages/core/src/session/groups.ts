import type { GroupChange } from '../types/group.js'
import type { EventHandlers } from './event-dispatch.js'
import type { Identities } from './identities.js'
import { forgetPicture } from './picture-files.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

export interface GroupHandlersParts {
  state: SessionState
  publisher: SessionPublisher
  identities: Identities
}

/** What happens to groups is told under canonical ids. */
export function groupHandlers({
  state,
  publisher,
  identities,
  services,
}: GroupHandlersParts & { services: Pick<SessionServices, 'store'> }): Pick<EventHandlers, 'group'> {
  return {
    group: async ({ groupId, change, identities: pairs }) => {
      const at = state.timestamp()
      await publisher.publish(await identities.learn(pairs, at))
      if (change.kind === 'picture') await forgetPicture(services.store.media, state.id, groupId)
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
