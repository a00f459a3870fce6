import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection } from '../ports/connector.js'
import type { MediaStore } from '../ports/media-store.js'
import type { Profile, ProfileChanges } from '../types/profile.js'
import type { ProfileRequest } from '../types/profile-request.js'
import { assertNever } from '../util/assert-never.js'
import { forgetPicture } from './picture-files.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

type Parts = Pick<Connection, 'contacts' | 'profile'>

/** What callers ask of what others see of the account: done over its connection. */
export class ProfileOperations {
  readonly #state: SessionState
  readonly #media: MediaStore | undefined

  constructor({ state, services }: { state: SessionState; services: Pick<SessionServices, 'store'> }) {
    this.#state = state
    this.#media = services.store.media
  }

  async execute(request: ProfileRequest, connection: Parts): Promise<unknown> {
    const { profile } = connection
    switch (request.do) {
      case 'get':
        return this.#read(connection)
      case 'change':
        return this.#change(request.changes, connection)
      case 'picture':
        return this.#setPicture(request, profile)
      case 'privacy':
        return profile.privacy()
      case 'change-privacy':
        await profile.setPrivacy(request.changes)
        return profile.privacy()
      default:
        return assertNever(request)
    }
  }

  async #setPicture(
    { picture, groupId }: Extract<ProfileRequest, { do: 'picture' }>,
    profile: Parts['profile'],
  ): Promise<void> {
    const bytes = picture === undefined ? undefined : Buffer.from(picture, 'base64')
    await profile.setPicture(bytes, groupId ? { groupId } : {})
    const { jid, lid } = this.#state.record.account ?? {}
    for (const id of groupId ? [groupId] : [jid, lid]) if (id) await forgetPicture(this.#media, this.#state.id, id)
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
