import { proto } from '@whiskeysockets/baileys'
import { type Description, notice } from './description.js'

type ProtocolMessage = proto.Message.IProtocolMessage
type ProtocolType = keyof typeof proto.Message.ProtocolMessage.Type

/** How a type of `protocolMessage` is read: the same words as in the table of contents. */
export type ProtocolRow = { sees: string } & (
  | { becomes: 'change' }
  | { becomes: 'nothing' }
  | { becomes: 'system' | 'hidden'; describe(wire: ProtocolMessage): Description }
)

const machinery = { sees: 'nothing', becomes: 'nothing' } as const
const hidden = (sees: string) =>
  ({ sees, becomes: 'hidden', describe: (): Description => ({ type: 'hidden' }) }) as const

/** One row for each type, with those that carry secrets or serve the account's own devices as nothing at all. */
export const PROTOCOL_TABLE: Record<ProtocolType, ProtocolRow> = {
  REVOKE: { sees: 'the message is deleted', becomes: 'change' },
  MESSAGE_EDIT: { sees: 'the message is edited', becomes: 'change' },
  EPHEMERAL_SETTING: {
    sees: 'line: messages disappear after a time, or no longer',
    becomes: 'system',
    describe: ({ ephemeralExpiration }) => notice('disappearing_messages', String(ephemeralExpiration ?? 0)),
  },
  SHARE_PHONE_NUMBER: {
    sees: 'line: the phone number was shared',
    becomes: 'system',
    describe: () => notice('number_shared'),
  },
  STATUS_MENTION_MESSAGE: {
    sees: 'line: mentioned in a status',
    becomes: 'system',
    describe: () => notice('status_mention'),
  },
  LIMIT_SHARING: hidden('sharing is limited'),
  GROUP_MEMBER_LABEL_CHANGE: hidden('a member has another label'),
  REMINDER_MESSAGE: hidden('a reminder'),
  EPHEMERAL_SYNC_RESPONSE: machinery,
  HISTORY_SYNC_NOTIFICATION: machinery,
  APP_STATE_SYNC_KEY_SHARE: machinery,
  APP_STATE_SYNC_KEY_REQUEST: machinery,
  MSG_FANOUT_BACKFILL_REQUEST: machinery,
  INITIAL_SECURITY_NOTIFICATION_SETTING_SYNC: machinery,
  APP_STATE_FATAL_EXCEPTION_NOTIFICATION: machinery,
  PEER_DATA_OPERATION_REQUEST_MESSAGE: machinery,
  PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE: machinery,
  REQUEST_WELCOME_MESSAGE: machinery,
  BOT_FEEDBACK_MESSAGE: machinery,
  MEDIA_NOTIFY_MESSAGE: machinery,
  CLOUD_API_THREAD_CONTROL_NOTIFICATION: machinery,
  LID_MIGRATION_MAPPING_SYNC: machinery,
  BOT_MEMU_ONBOARDING_MESSAGE: machinery,
  STOP_GENERATION_MESSAGE: machinery,
  AI_PSI_METADATA: machinery,
  AI_QUERY_FANOUT: machinery,
}

/** The row of a protocol message; `undefined` for a type that is newer than this. */
export function protocolRow({ type }: ProtocolMessage): ProtocolRow | undefined {
  // Left out on the wire: the first type, as protobuf has it.
  const name = proto.Message.ProtocolMessage.Type[type ?? 0] as ProtocolType | undefined
  return name && PROTOCOL_TABLE[name]
}
