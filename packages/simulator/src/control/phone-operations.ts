import type { Phone } from '../phone/phone.js'
import { anyText, flag, integer, list, messageContent, oneOf, optional, type Shape, text } from './fields.js'
import { messageToJson } from './message-json.js'
import { act, type Operation, type OperationContext, read } from './operation.js'
import { describe, historyChats } from './simulator-operations.js'

const MAX_DEVICE = 1_000_000
const MAX_WAIT_MS = 600_000
const MAX_POLL_OPTIONS = 12

const device = integer(1, MAX_DEVICE)
const addressing = optional(oneOf(['pn', 'lid']))

const phoneOf = ({ simulator, number }: OperationContext): Phone => simulator.phone(number)

/** `/phones/<number>/<name>` */
export const phoneOperations: Record<string, Operation> = {
  info: read((context) => describe(phoneOf(context))),
  devices: read((context) => phoneOf(context).devices),
  messages: read((context) => phoneOf(context).messages.map(messageToJson)),
  receipts: read((context) => phoneOf(context).receipts),
  typing: read((context) => phoneOf(context).typing),
  failures: read((context) => phoneOf(context).failures),
  idle: read((context) => phoneOf(context).idle()),
  scanQr: act({ qr: text }, (context, { qr }) => phoneOf(context).scanQr(qr)),
  enterPairingCode: act({ code: text }, (context, { code }) => phoneOf(context).enterPairingCode(code)),
  requirePasskey: act({ required: flag }, (context, { required }) => phoneOf(context).requirePasskey(required)),
  confirmPasskey: act({}, (context) => phoneOf(context).confirmPasskey()),
  unlink: act({ device }, (context, input) => phoneOf(context).unlink(input.device)),
  sendText: act({ to: text, text, addressing }, (context, input) =>
    phoneOf(context).sendText(input.to, input.text, { addressing: input.addressing }),
  ),
  send: act({ to: text, content: messageContent, addressing }, (context, input) =>
    phoneOf(context).send(input.to, input.content, { addressing: input.addressing }),
  ),
  react: act({ messageId: text, emoji: anyText }, (context, input) =>
    phoneOf(context).react(input.messageId, input.emoji),
  ),
  editText: act({ messageId: text, text }, (context, input) => phoneOf(context).editText(input.messageId, input.text)),
  deleteMessage: act({ messageId: text }, (context, { messageId }) => phoneOf(context).deleteMessage(messageId)),
  sendPoll: act(
    {
      to: text,
      question: text,
      options: list(text),
      selectableCount: optional(integer(0, MAX_POLL_OPTIONS)),
      addressing,
    },
    (context, { to, question, options, ...settings }) => phoneOf(context).sendPoll(to, question, options, settings),
  ),
  vote: act({ messageId: text, options: list(text) }, (context, { messageId, options }) =>
    phoneOf(context).vote(messageId, options),
  ),
  waitForMessage: act(
    {
      id: optional(text),
      from: optional(text),
      chat: optional(text),
      text: optional(text),
      fromMe: optional(flag),
      timeoutMs: optional(integer(0, MAX_WAIT_MS)),
    } satisfies Shape,
    async (context, { timeoutMs, ...match }) =>
      messageToJson(await phoneOf(context).waitForMessage(match, { timeoutMs, signal: context.signal })),
  ),
  markRead: act({ ids: list(text) }, (context, { ids }) => phoneOf(context).markRead(...ids)),
  setTyping: act({ to: text, state: oneOf(['composing', 'recording', 'paused']) }, (context, { to, state }) =>
    phoneOf(context).setTyping(to, state),
  ),
  setAvailable: act({ available: flag }, (context, { available }) => phoneOf(context).setAvailable(available)),
  setAutoReply: act({ text: optional(text) }, (context, input) => phoneOf(context).setAutoReply(input.text)),
  setHistory: act({ chats: historyChats }, (context, { chats }) => phoneOf(context).setHistory(chats)),
  sendHistory: act({ chats: optional(historyChats), device: optional(device) }, (context, input) =>
    phoneOf(context).sendHistory(input),
  ),
  rename: act({ name: text }, (context, { name }) => phoneOf(context).rename(name)),
  reinstall: act({}, (context) => phoneOf(context).reinstall()),
}
