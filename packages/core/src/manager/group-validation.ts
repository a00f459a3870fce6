import { TrunklineError } from '../errors/trunkline-error.js'
import { isPerson, normalizeJid } from '../records/jid.js'
import { DISAPPEARING_SECONDS } from '../types/chat.js'
import type { GroupChanges, GroupSettings } from '../types/group.js'
import type { Jid } from '../types/jid.js'
import { LIMITS } from '../types/limits.js'
import { type Check, clearable, fields, flag, list, optional, refuse, text, wellFormed, wrong } from './checks.js'

const groupId = wellFormed((value) =>
  normalizeJid(value)?.endsWith('@g.us') === true ? undefined : 'must be the id of a group: …@g.us',
)
const subject = text({ ...LIMITS.groupSubject, trimmed: true })
/** Empty takes it away, as `null` does. */
const description: Check = (value, field) => (value === '' ? [] : text(LIMITS.groupDescription)(value, field))
const participants = list(text({ ...LIMITS.address, trimmed: true }), LIMITS.participants)
const code = text({ maxLength: LIMITS.inviteCode.maxLength, trimmed: true })

/** WhatsApp takes no other. Found out before anything else of the same request is changed. */
const disappearing: Check = (value, field) =>
  DISAPPEARING_SECONDS.some((offered) => offered === value)
    ? []
    : wrong(field, `must be one of ${DISAPPEARING_SECONDS.join(', ')}`)

const settings = fields<GroupSettings>({
  announce: optional(flag),
  locked: optional(flag),
  joinApproval: optional(flag),
  memberAdd: optional(flag),
  ephemeralSeconds: optional(disappearing),
})

const changes = fields<GroupChanges>({
  subject: optional(subject),
  description: clearable(description),
  settings: optional(settings),
})

/** @throws VALIDATION_FAILED */
export function checkGroupId(value: string): Jid {
  refuse(groupId(value, 'groupId'))
  return normalizeJid(value) ?? value
}

/** @throws VALIDATION_FAILED · RECIPIENT_INVALID naming the first address that is none */
export function checkNewGroup(options: { subject: string; participants: readonly string[] }): {
  subject: string
  participants: string[]
} {
  refuse(fields<typeof options>({ subject, participants })(options, ''))
  checkPeople(options.participants)
  return { subject: options.subject.trim(), participants: [...options.participants] }
}

/** @throws VALIDATION_FAILED when nothing is to change, too */
export function checkGroupChanges(given: GroupChanges): GroupChanges {
  refuse(changes(given, ''))
  const { subject: name, description: words, settings: wanted } = given
  const isEmpty = name === undefined && words === undefined && Object.keys(wanted ?? {}).length === 0
  if (isEmpty) refuse(wrong('changes', 'must name something to change'))
  return { ...given, ...(name === undefined ? {} : { subject: name.trim() }) }
}

/** @throws VALIDATION_FAILED · RECIPIENT_INVALID naming the first address that is none */
export function checkParticipants(given: readonly string[]): string[] {
  const problems = participants(given, 'participants')
  refuse(problems.length === 0 && given.length === 0 ? wrong('participants', 'must name somebody') : problems)
  checkPeople(given)
  return [...given]
}

/** @throws VALIDATION_FAILED */
export function checkInvite(given: string): string {
  refuse(code(given, 'code'))
  return given
}

function checkPeople(given: readonly string[]): void {
  for (const [index, to] of given.entries()) {
    const jid = normalizeJid(to)
    if (!jid || !isPerson(jid))
      throw new TrunklineError('RECIPIENT_INVALID', { details: { field: `participants.${index}`, to } })
  }
}
