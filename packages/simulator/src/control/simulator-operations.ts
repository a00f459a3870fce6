import type { Phone } from '../phone/phone.js'
import { anyText, flag, integer, list, messageContent, object, oneOf, optional, text } from './fields.js'
import { act, type Operation, read } from './operation.js'

const MAX_UNREAD = 1_000_000

const author = { fromMe: optional(flag), author: optional(text), at: optional(text) }

export const historyChats = list(
  object({
    with: text,
    name: optional(text),
    unreadCount: optional(integer(0, MAX_UNREAD)),
    messages: optional(
      list(
        object({
          id: optional(text),
          text: optional(anyText),
          message: optional(messageContent),
          fromMe: optional(flag),
          author: optional(text),
          at: text,
          reactions: optional(list(object({ ...author, emoji: anyText }))),
          votes: optional(list(object({ ...author, options: list(text) }))),
        }),
      ),
    ),
  }),
)

export const describe = ({ number, name, jid, lid, devices }: Phone) => ({ number, name, jid, lid, devices })

/** `/<name>` */
export const simulatorOperations: Record<string, Operation> = {
  info: read(({ simulator }) => ({
    url: simulator.url,
    rootPublicKey: simulator.rootPublicKey.toString('hex'),
    controlUrl: simulator.controlUrl,
  })),
  phones: read(({ simulator }) => simulator.phones.map(describe)),
  groups: read(({ simulator }) => simulator.groups),
  connections: read(({ simulator }) => simulator.connections),
  unhandled: read(({ simulator }) => simulator.unhandled),
  violations: read(({ simulator }) => simulator.violations),
  snapshot: read(({ simulator }) => simulator.snapshot()),
  idle: read(({ simulator }) => simulator.idle()),
  createPhone: act(
    {
      number: text,
      name: text,
      lid: optional(text),
      business: optional(flag),
      decrypts: optional(flag),
      autoDeliveredReceipts: optional(flag),
      passkeyRequired: optional(flag),
      autoReply: optional(text),
      history: optional(historyChats),
    },
    async ({ simulator }, options) => describe(await simulator.createPhone(options)),
  ),
  createGroup: act(
    { subject: text, creator: text, participants: list(text), addressing: optional(oneOf(['pn', 'lid'])) },
    ({ simulator }, options) => simulator.createGroup(options),
  ),
  changeGroup: act(
    {
      group: text,
      by: optional(text),
      add: optional(list(text)),
      remove: optional(list(text)),
      promote: optional(list(text)),
      demote: optional(list(text)),
      subject: optional(text),
    },
    ({ simulator }, { group, ...change }) => simulator.changeGroup(group, change),
  ),
}
