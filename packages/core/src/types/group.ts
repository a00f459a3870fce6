import type { Jid } from './jid.js'

/** What happened to a group; the fields of other kinds are left out. */
export interface GroupChange {
  kind: 'created' | 'participants' | 'subject' | 'description' | 'settings'
  /** Who did it, where WhatsApp says so. */
  byId?: Jid
  /** Of `participants`: what was done to them; `changed`: their number. */
  action?: 'added' | 'removed' | 'promoted' | 'demoted' | 'changed'
  /** Of `participants`: to whom it was done. */
  participantIds?: Jid[]
  /** Of `created` and `subject`. */
  subject?: string
  /** Of `description`: the new one, left out when it was taken away. */
  description?: string
  /** Of `settings`: those that changed. */
  settings?: GroupSettings
}

export interface GroupSettings {
  /** Only admins write. */
  adminsWrite?: boolean
  /** Only admins change subject, description and picture. */
  adminsEdit?: boolean
  /** Only admins add people. */
  adminsAdd?: boolean
  /** Admins decide who joins. */
  joiningIsApproved?: boolean
  /** The link by which people join is another one. */
  inviteChanged?: boolean
}
