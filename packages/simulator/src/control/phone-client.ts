import type { HistoryChat } from '../phone/history.js'
import type { NewDevice } from '../phone/linking.js'
import type { MessageMatch, PhoneMessage, WaitOptions } from '../phone/mailbox.js'
import type { MessageContent } from '../phone/message-content.js'
import type { LinkedDevice, PhoneFailure, PhoneReceipt, PhoneTyping, SendOptions } from '../phone/phone-types.js'
import type { PollOptions } from '../phone/polls.js'
import type { ControlChannel } from './control-channel.js'
import { contentToJson, messageFromJson, type PhoneMessageJson } from './message-json.js'

export interface PhoneDescription {
  number: string
  name: string
  jid: string
  lid: string
  devices: LinkedDevice[]
}

/** A phone of a simulator in another process. */
export class PhoneClient {
  readonly number: string
  readonly #channel: ControlChannel

  constructor(channel: ControlChannel, number: string) {
    this.#channel = channel
    this.number = number
  }

  info(): Promise<PhoneDescription> {
    return this.#get('info')
  }

  devices(): Promise<LinkedDevice[]> {
    return this.#get('devices')
  }

  async messages(): Promise<PhoneMessage[]> {
    const messages = await this.#get<PhoneMessageJson[]>('messages')
    return messages.map(messageFromJson)
  }

  receipts(): Promise<PhoneReceipt[]> {
    return this.#get('receipts')
  }

  typing(): Promise<PhoneTyping[]> {
    return this.#get('typing')
  }

  failures(): Promise<PhoneFailure[]> {
    return this.#get('failures')
  }

  scanQr(qr: string): Promise<NewDevice> {
    return this.#post('scanQr', { qr })
  }

  enterPairingCode(code: string): Promise<NewDevice> {
    return this.#post('enterPairingCode', { code })
  }

  requirePasskey(required: boolean): Promise<void> {
    return this.#post('requirePasskey', { required })
  }

  confirmPasskey(): Promise<NewDevice> {
    return this.#post('confirmPasskey', {})
  }

  unlink(device: number): Promise<void> {
    return this.#post('unlink', { device })
  }

  sendText(to: string, text: string, options: SendOptions = {}): Promise<{ id: string }> {
    return this.#post('sendText', { to, text, ...options })
  }

  send(to: string, content: MessageContent, options: SendOptions = {}): Promise<{ id: string }> {
    return this.#post('send', { to, content: contentToJson(content), ...options })
  }

  react(messageId: string, emoji: string): Promise<{ id: string }> {
    return this.#post('react', { messageId, emoji })
  }

  editText(messageId: string, text: string): Promise<{ id: string }> {
    return this.#post('editText', { messageId, text })
  }

  deleteMessage(messageId: string): Promise<{ id: string }> {
    return this.#post('deleteMessage', { messageId })
  }

  sendPoll(to: string, question: string, options: string[], settings: SendOptions & PollOptions = {}) {
    return this.#post<{ id: string }>('sendPoll', { to, question, options, ...settings })
  }

  vote(messageId: string, options: string[]): Promise<{ id: string }> {
    return this.#post('vote', { messageId, options })
  }

  async waitForMessage(wanted: MessageMatch | string, options: WaitOptions = {}): Promise<PhoneMessage> {
    const { timeoutMs, signal } = options
    const match = typeof wanted === 'string' ? { text: wanted } : wanted
    const path = `phones/${this.number}/waitForMessage`
    return messageFromJson(await this.#channel.post<PhoneMessageJson>(path, { ...match, timeoutMs }, signal))
  }

  markRead(...ids: string[]): Promise<void> {
    return this.#post('markRead', { ids })
  }

  setTyping(to: string, state: PhoneTyping['state']): Promise<void> {
    return this.#post('setTyping', { to, state })
  }

  setAvailable(available: boolean): Promise<void> {
    return this.#post('setAvailable', { available })
  }

  setAutoReply(text: string | undefined): Promise<void> {
    return this.#post('setAutoReply', { text })
  }

  setHistory(chats: HistoryChat[]): Promise<void> {
    return this.#post('setHistory', { chats: historyToJson(chats) })
  }

  sendHistory({ chats, device }: { chats?: HistoryChat[]; device?: number } = {}): Promise<void> {
    return this.#post('sendHistory', { device, ...(chats ? { chats: historyToJson(chats) } : {}) })
  }

  rename(name: string): Promise<void> {
    return this.#post('rename', { name })
  }

  reinstall(): Promise<void> {
    return this.#post('reinstall', {})
  }

  idle(): Promise<void> {
    return this.#get('idle')
  }

  #get<T>(name: string): Promise<T> {
    return this.#channel.get(`phones/${this.number}/${name}`)
  }

  #post<T>(name: string, body: object): Promise<T> {
    return this.#channel.post(`phones/${this.number}/${name}`, body)
  }
}

export const historyToJson = (chats: HistoryChat[]) =>
  chats.map((chat) => ({
    ...chat,
    messages: chat.messages?.map((each) => ({ ...each, message: each.message && contentToJson(each.message) })),
  }))
