import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection } from '../ports/connector.js'
import type { Profile, ProfileChanges } from '../types/profile.js'
import type { ProfileRequest } from '../types/profile-request.js'
import { assertNever } from '../util/assert-never.js'
import type { SessionState } from './session-state.js'

type Parts = Pick<Connection, 'contacts' | 'profile'>

/** What callers ask of what others see of the account: done over its connection. */
export class ProfileOperations {
  readonly #state: SessionState

  constructor({ state }: { state: SessionState }) {
    this.#state = state
  }

  async execute(request: ProfileRequest, connection: Parts): Promise<unknown> {
    const { profile } = connection
    switch (request.do) {
      case 'get':
        return this.#read(connection)
      case 'change':
        return this.#change(request.changes, connection)
      case 'picture': {
        const picture = request.picture === undefined ? undefined : Buffer.from(request.picture, 'base64')
        return profile.setPicture(picture, request.groupId ? { groupId: request.groupId } : {})
      }
      case 'privacy':
        return profile.privacy()
      case 'change-privacy':
        await profile.setPrivacy(request.changes)
        return profile.privacy()
      default:
        return assertNever(request)
    }
  }

  async #change({ name, about }: ProfileChanges, connection: Parts): Promise<Profile> {
    if (name !== undefined) await connection.profile.setName(name)
    if (about !== undefined) await connection.profile.setAbout(about)
    const profile = await this.#read(connection)
    return name === undefined ? profile : { ...profile, name }
  }

  async #read({ contacts }: Parts): Promise<Profile> {
    const { account } = this.#state.record
    if (!account) throw new TrunklineError('SESSION_NOT_LINKED', { details: { sessionId: this.#state.id } })
    const { jid, lid, phone, pushName } = account
    const [about, picture] = await Promise.all([contacts.about(jid), contacts.picture(jid, { preview: false })])
    return {
      id: lid ?? jid,
      phone,
      ...(lid ? { lid } : {}),
      ...(pushName ? { name: pushName } : {}),
      about,
      picture,
    }
  }
}
