import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { WireMessage } from '../../ports/connector.js'
import { wireJid } from '../../records/jid.js'
import { bounded } from './bounds.js'
import { isMachinery } from './describe-content.js'

const { StubType } = proto.WebMessageInfo

type Unread = Pick<WireMessage, 'type' | 'call' | 'notice' | 'deletedAt'>

const MISSED: Partial<Record<number, 'audio' | 'video'>> = {
  [StubType.CALL_MISSED_VOICE]: 'audio',
  [StubType.CALL_MISSED_GROUP_VOICE]: 'audio',
  [StubType.SILENCED_UNKNOWN_CALLER_AUDIO]: 'audio',
  [StubType.CALL_MISSED_VIDEO]: 'video',
  [StubType.CALL_MISSED_GROUP_VIDEO]: 'video',
  [StubType.SILENCED_UNKNOWN_CALLER_VIDEO]: 'video',
}

/** Here a message is, which this device has not got, or not yet. */
const AWAITED: ReadonlySet<number> = new Set([StubType.CIPHERTEXT, StubType.FUTUREPROOF, StubType.OVERSIZED])

/**
 * What stands in a chat without content: a message that could not be decrypted, a view-once message, which only the phone gets,
 * a call, a line of the chat. `undefined` for what has content, and for what shows nothing.
 */
export function describeUnread(wa: WAMessage): Unread | undefined {
  if (wa.message && !isMachinery(wa.message)) return undefined
  const stub = wa.messageStubType ?? StubType.UNKNOWN
  if (AWAITED.has(stub)) return isPeer(wa) ? undefined : placeholder('waiting')
  if (wa.key.isViewOnce && !wa.message) return placeholder('view_once')
  const kind = MISSED[stub]
  if (kind) return { type: 'call', call: { kind, outcome: 'missed' } }
  if (stub === StubType.REVOKE || stub === StubType.ADMIN_REVOKE) return { type: 'text', deletedAt: revokedAt(wa) }
  const name = StubType[stub]
  if (stub === StubType.UNKNOWN || name === undefined) return undefined
  const parameters: string[] = wa.messageStubParameters ?? []
  const people = parameters.flatMap(peopleIn)
  const value = parameters.find((parameter) => peopleIn(parameter).length === 0)
  return bounded<Unread>({
    type: 'system',
    notice: { kind: name.toLowerCase(), ...(people.length > 0 ? { people } : {}), ...(value ? { value } : {}) },
  })
}

/** What stands where a message cannot be read here, and why. */
export function placeholder(kind: string): Unread {
  return { type: 'placeholder', notice: { kind } }
}

/** Between the devices of the account, seen by nobody. */
function isPeer(wa: WAMessage): boolean {
  return (wa as { category?: string }).category === 'peer'
}

function revokedAt({ revokeMessageTimestamp, messageTimestamp }: WAMessage): string {
  const seconds = Number(revokeMessageTimestamp ?? 0) || Number(messageTimestamp ?? 0)
  return new Date(seconds * 1000).toISOString()
}

/** Parameters are addresses, or the JSON of a participant, or words. */
function peopleIn(parameter: string): string[] {
  const address = parameter.startsWith('{') ? idIn(parameter) : parameter
  return address && /^[^\s@]+@[^\s@]+$/.test(address) ? [wireJid(address)] : []
}

function idIn(json: string): string | undefined {
  try {
    const { id } = JSON.parse(json) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
