import { checkPicture, checkPrivacyChanges, checkProfileChanges } from '../manager/profile-validation.js'
import type { PrivacyChanges, PrivacySettings, Profile, ProfileChanges } from '../types/profile.js'
import type { ProfileRequest, ProfileResultOf } from '../types/profile-request.js'
import type { AreaParts } from './area.js'

/**
 * What others see of one session's account.
 *
 * Every method rejects with SESSION_NOT_FOUND · SESSION_NOT_CONNECTED · LEASE_HELD · VALIDATION_FAILED, with CONNECTION_LOST when
 * WhatsApp does not answer, and with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE · WHATSAPP_REFUSED.
 */
export class SessionProfile {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  get(): Promise<Profile> {
    return this.#ask({ do: 'get' })
  }

  /** Answers the profile as it is then. */
  async update(changes: ProfileChanges): Promise<Profile> {
    return this.#ask({ do: 'change', changes: checkProfileChanges(changes) })
  }

  /**
   * `picture`: the bytes of an image. Where the package `sharp` is installed it is made the square JPEG that WhatsApp takes;
   * without it, it has to be one already. @throws PICTURE_INVALID
   */
  async setPicture(picture: Uint8Array): Promise<void> {
    await this.#ask({ do: 'picture', picture: checkPicture(picture) })
  }

  async removePicture(): Promise<void> {
    await this.#ask({ do: 'picture' })
  }

  privacy(): Promise<PrivacySettings> {
    return this.#ask({ do: 'privacy' })
  }

  /** Answers all settings as they are then. */
  async updatePrivacy(changes: PrivacyChanges): Promise<PrivacySettings> {
    return this.#ask({ do: 'change-privacy', changes: checkPrivacyChanges(changes) })
  }

  async #ask<Request extends ProfileRequest>(request: Request): Promise<ProfileResultOf<Request>> {
    await this.#parts.use()
    return (await this.#parts.router.call(this.#sessionId, { kind: 'profile', request })) as ProfileResultOf<Request>
  }
}
