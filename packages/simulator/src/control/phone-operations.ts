import type { z } from 'zod'
import { EVENT_ANSWERS, type EventAnswer } from '../phone/events.js'
import type { HistoryChat } from '../phone/history.js'
import type { MessageMatch, WaitOptions } from '../phone/mailbox.js'
import { MEDIA_PARTS, type MediaPart, type MediaRetryMode } from '../phone/media.js'
import type { MessageContent } from '../phone/message-content.js'
import type { Phone } from '../phone/phone.js'
import type { PhoneTyping, SendOptions } from '../phone/phone-types.js'
import type { PollOptions } from '../phone/polls.js'
import { anyText, base64Bytes, flag, integer, list, messageContent, object, oneOf, text } from './fields.js'
import { contentToJson, messageToJson } from './message-json.js'
import { operationsOn } from './operation.js'
import { describe, historyChats, historyToJson } from './simulator-operations.js'

const MAX_DEVICE = 1_000_000
const MAX_WAIT_MS = 600_000
const MAX_POLL_OPTIONS = 12

const device = integer(1, MAX_DEVICE)
const addressing = oneOf(['pn', 'lid']).optional()

/** What is said of a file over HTTP: of bytes, only the file itself. */
export type RemoteMediaFields = { [Field in keyof typeof mediaFields]?: z.output<(typeof mediaFields)[Field]> }

const count = integer(0, 2 ** 31 - 1).optional()
const mediaFields = {
  mimetype: text.optional(),
  caption: anyText.optional(),
  fileName: text.optional(),
  seconds: count,
  width: count,
  height: count,
  ptt: flag.optional(),
  gifPlayback: flag.optional(),
}

const { look, act } = operationsOn<Phone>()

/** `/phones/<number>/<name>` */
export const phoneOperations = {
  info: look(describe),
  devices: look((phone) => phone.devices),
  messages: look((phone) => phone.messages.map(messageToJson)),
  receipts: look((phone) => phone.receipts),
  typing: look((phone) => phone.typing),
  callAnswers: look((phone) => phone.callAnswers),
  failures: look((phone) => phone.failures),
  about: look((phone) => phone.about ?? null),
  labels: look((phone) => phone.labels()),
  blocked: look((phone) => phone.blocked),
  groupNotices: look((phone) => phone.groupNotices),
  idle: look((phone) => phone.idle()),
  scanQr: act(
    { qr: text },
    (qr: string) => ({ qr }),
    (phone, { qr }) => phone.scanQr(qr),
  ),
  enterPairingCode: act(
    { code: text },
    (code: string) => ({ code }),
    (phone, { code }) => phone.enterPairingCode(code),
  ),
  requirePasskey: act(
    { required: flag },
    (required: boolean) => ({ required }),
    (phone, { required }) => phone.requirePasskey(required),
  ),
  confirmPasskey: act(
    {},
    () => ({}),
    (phone) => phone.confirmPasskey(),
  ),
  unlink: act(
    { device },
    (device: number) => ({ device }),
    (phone, input) => phone.unlink(input.device),
  ),
  sendText: act(
    { to: text, text, addressing },
    (to: string, text: string, options: SendOptions = {}) => ({ to, text, ...options }),
    (phone, { to, text, ...options }) => phone.sendText(to, text, options),
  ),
  send: act(
    { to: text, content: messageContent, addressing },
    (to: string, content: MessageContent, options: SendOptions = {}) => ({
      to,
      content: contentToJson(content),
      ...options,
    }),
    (phone, { to, content, ...options }) => phone.send(to, content, options),
  ),
  sendMedia: act(
    { to: text, part: oneOf(MEDIA_PARTS), bytes: base64Bytes, fields: object(mediaFields).optional(), addressing },
    (to: string, part: MediaPart, bytes: Uint8Array, options: SendOptions & { fields?: RemoteMediaFields } = {}) => ({
      to,
      part,
      bytes: Buffer.from(bytes).toString('base64'),
      ...options,
    }),
    (phone, { to, part, bytes, ...options }) => phone.sendMedia(to, part, bytes, options),
  ),
  setMediaRetry: act(
    { mode: oneOf(['upload', 'not-found', 'silent']) },
    (mode: MediaRetryMode) => ({ mode }),
    (phone, { mode }) => phone.setMediaRetry(mode),
  ),
  react: act(
    { messageId: text, emoji: anyText },
    (messageId: string, emoji: string) => ({ messageId, emoji }),
    (phone, { messageId, emoji }) => phone.react(messageId, emoji),
  ),
  editText: act(
    { messageId: text, text },
    (messageId: string, text: string) => ({ messageId, text }),
    (phone, { messageId, text }) => phone.editText(messageId, text),
  ),
  deleteMessage: act(
    { messageId: text },
    (messageId: string) => ({ messageId }),
    (phone, { messageId }) => phone.deleteMessage(messageId),
  ),
  sendPoll: act(
    {
      to: text,
      question: text,
      options: list(text),
      selectableCount: integer(0, MAX_POLL_OPTIONS).optional(),
      addressing,
    },
    (to: string, question: string, options: string[], settings: SendOptions & PollOptions = {}) => ({
      to,
      question,
      options,
      ...settings,
    }),
    (phone, { to, question, options, ...settings }) => phone.sendPoll(to, question, options, settings),
  ),
  vote: act(
    { messageId: text, options: list(text) },
    (messageId: string, options: string[]) => ({ messageId, options }),
    (phone, { messageId, options }) => phone.vote(messageId, options),
  ),
  answerEvent: act(
    { messageId: text, answer: oneOf(EVENT_ANSWERS) },
    (messageId: string, answer: EventAnswer) => ({ messageId, answer }),
    (phone, { messageId, answer }) => phone.answerEvent(messageId, answer),
  ),
  waitForMessage: act(
    {
      id: text.optional(),
      from: text.optional(),
      chat: text.optional(),
      text: text.optional(),
      fromMe: flag.optional(),
      timeoutMs: integer(0, MAX_WAIT_MS).optional(),
    },
    (wanted: MessageMatch | string, { timeoutMs }: WaitOptions = {}) => ({
      ...(typeof wanted === 'string' ? { text: wanted } : wanted),
      timeoutMs,
    }),
    async (phone, { timeoutMs, ...match }, signal) =>
      messageToJson(await phone.waitForMessage(match, { timeoutMs, signal })),
  ),
  chatSettings: act(
    { chat: text },
    (chat: string) => ({ chat }),
    (phone, { chat }) => phone.chatSettings(chat),
  ),
  shown: act(
    { chat: text },
    (chat: string) => ({ chat }),
    async (phone, { chat }) => phone.shown(chat),
  ),
  markRead: act(
    { ids: list(text) },
    (...ids: string[]) => ({ ids }),
    (phone, { ids }) => phone.markRead(...ids),
  ),
  call: act(
    { to: text, video: flag.optional() },
    (to: string, options: { video?: boolean } = {}) => ({ to, ...options }),
    (phone, { to, ...options }) => phone.call(to, options),
  ),
  hangUp: act(
    { id: text },
    (id: string) => ({ id }),
    (phone, { id }) => phone.hangUp(id),
  ),
  setTyping: act(
    { to: text, state: oneOf(['composing', 'recording', 'paused']) },
    (to: string, state: PhoneTyping['state']) => ({ to, state }),
    (phone, { to, state }) => phone.setTyping(to, state),
  ),
  setAvailable: act(
    { available: flag },
    (available: boolean) => ({ available }),
    (phone, { available }) => phone.setAvailable(available),
  ),
  setAutoReply: act(
    { text: text.optional() },
    (text: string | undefined) => ({ text }),
    (phone, input) => phone.setAutoReply(input.text),
  ),
  setHistory: act(
    { chats: historyChats },
    (chats: HistoryChat[]) => ({ chats: historyToJson(chats) }),
    (phone, { chats }) => phone.setHistory(chats),
  ),
  sendHistory: act(
    { chats: historyChats.optional(), device: device.optional() },
    ({ chats, device }: { chats?: HistoryChat[]; device?: number } = {}) => ({
      chats: chats && historyToJson(chats),
      device,
    }),
    (phone, options) => phone.sendHistory(options),
  ),
  rename: act(
    { name: text },
    (name: string) => ({ name }),
    (phone, { name }) => phone.rename(name),
  ),
  setAbout: act(
    { text },
    (text: string) => ({ text }),
    (phone, input) => phone.setAbout(input.text),
  ),
  setPrivacy: act(
    { category: text, value: text },
    (category: string, value: string) => ({ category, value }),
    (phone, { category, value }) => phone.setPrivacy(category, value),
  ),
  setStatusPrivacy: act(
    { type: oneOf(['contacts', 'blacklist', 'whitelist']), people: list(text).optional() },
    (type: 'contacts' | 'blacklist' | 'whitelist', people: string[] = []) => ({ type, people }),
    (phone, { type, people }) => phone.setStatusPrivacy(type, people),
  ),
  reinstall: act(
    {},
    () => ({}),
    (phone) => phone.reinstall(),
  ),
}
