import type { Jid } from './jid.js'
import type { PrivacyChanges, PrivacySettings, Profile, ProfileChanges } from './profile.js'

/** What can be asked of the profile of a session, as data. */
export type ProfileRequest =
  | { do: 'get' }
  | { do: 'change'; changes: ProfileChanges }
  /** `picture`: base64; left out, it is taken away. `groupId`: of that group, instead of the account's. */
  | { do: 'picture'; picture?: string; groupId?: Jid }
  | { do: 'privacy' }
  | { do: 'change-privacy'; changes: PrivacyChanges }

interface Results {
  get: Profile
  change: Profile
  privacy: PrivacySettings
  'change-privacy': PrivacySettings
}

/** What a request answers. */
export type ProfileResultOf<Request extends ProfileRequest> = Request['do'] extends keyof Results
  ? Results[Request['do']]
  : undefined
