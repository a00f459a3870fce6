import type { HistoryChat } from '../phone/history.js'
import type { LinkedDevice } from '../phone/phone-types.js'
import type { GroupChange, GroupOptions, PhoneOptions, Simulator } from '../simulator.js'
import { anyText, flag, integer, list, messageContent, object, oneOf, text } from './fields.js'
import { contentToJson } from './message-json.js'
import { operationsOn } from './operation.js'

const MAX_UNREAD = 1_000_000
const MAX_GROUP_SIZE = 1_024
const MAX_SECONDS = 31_622_400

export interface PhoneDescription {
  number: string
  name: string
  jid: string
  lid: string
  devices: LinkedDevice[]
}

export interface RemotePhoneOptions extends Omit<PhoneOptions, 'autoReply'> {
  autoReply?: string
}

const author = { fromMe: flag.optional(), author: text.optional(), at: text.optional() }

export const historyChats = list(
  object({
    with: text,
    name: text.optional(),
    unreadCount: integer(0, MAX_UNREAD).optional(),
    messages: list(
      object({
        id: text.optional(),
        text: anyText.optional(),
        message: messageContent.optional(),
        fromMe: flag.optional(),
        author: text.optional(),
        at: text,
        reactions: list(object({ ...author, emoji: anyText })).optional(),
        votes: list(object({ ...author, options: list(text) })).optional(),
      }),
    ).optional(),
  }),
)

export const historyToJson = (chats: HistoryChat[]) =>
  chats.map((chat) => ({
    ...chat,
    messages: chat.messages?.map((each) => ({ ...each, message: each.message && contentToJson(each.message) })),
  }))

export const describe = ({ number, name, jid, lid, devices }: PhoneDescription): PhoneDescription => ({
  number,
  name,
  jid,
  lid,
  devices,
})

const { look, act } = operationsOn<Simulator>()

/** `/<name>` */
export const simulatorOperations = {
  info: look(({ url, versionUrl, rootPublicKey, mediaCertificate, controlUrl }) => ({
    url,
    versionUrl,
    rootPublicKey: rootPublicKey.toString('hex'),
    mediaCertificate,
    controlUrl,
  })),
  phones: look((simulator) => simulator.phones.map(describe)),
  groups: look((simulator) => simulator.groups),
  connections: look((simulator) => simulator.connections),
  unhandled: look((simulator) => [...simulator.unhandled]),
  violations: look((simulator) => [...simulator.violations]),
  snapshot: look((simulator) => simulator.snapshot()),
  idle: look((simulator) => simulator.idle()),
  mediaRequests: look((simulator) => [...simulator.mediaRequests]),
  expireMedia: act(
    {},
    () => ({}),
    (simulator) => simulator.expireMedia(),
  ),
  createPhone: act(
    {
      number: text,
      name: text,
      lid: text.optional(),
      business: flag.optional(),
      decrypts: flag.optional(),
      autoDeliveredReceipts: flag.optional(),
      passkeyRequired: flag.optional(),
      autoReply: text.optional(),
      businessProfile: object({
        description: text.optional(),
        address: text.optional(),
        email: text.optional(),
        websites: list(text).optional(),
        categories: list(text).optional(),
      }).optional(),
      history: historyChats.optional(),
    },
    ({ history, ...options }: RemotePhoneOptions) => ({ ...options, history: history && historyToJson(history) }),
    async (simulator, options) => describe(await simulator.createPhone(options)),
  ),
  createGroup: act(
    {
      subject: text,
      creator: text,
      participants: list(text),
      addressing: oneOf(['pn', 'lid']).optional(),
      maxSize: integer(1, MAX_GROUP_SIZE).optional(),
    },
    (options: GroupOptions) => options,
    (simulator, options) => simulator.createGroup(options),
  ),
  changeGroup: act(
    {
      group: text,
      by: text.optional(),
      add: list(text).optional(),
      remove: list(text).optional(),
      promote: list(text).optional(),
      demote: list(text).optional(),
      subject: text.optional(),
      description: anyText.optional(),
      settings: object({
        announce: flag.optional(),
        locked: flag.optional(),
        joinApproval: flag.optional(),
        memberAdd: flag.optional(),
        ephemeral: integer(0, MAX_SECONDS).optional(),
      }).optional(),
      overhearing: list(text).optional(),
    },
    (group: string, change: GroupChange) => ({ group, ...change }),
    (simulator, { group, ...change }) => simulator.changeGroup(group, change),
  ),
  joinGroup: act(
    { group: text, number: text },
    (group: string, number: string) => ({ group, number }),
    (simulator, { group, number }) => simulator.joinGroup(group, number),
  ),
}
