import { proto } from '@whiskeysockets/baileys'
import type { PhoneMessage } from '../phone/mailbox.js'

type Json = Record<string, unknown>

export interface PhoneMessageJson extends Omit<PhoneMessage, 'message'> {
  /** The JSON form of the protobuf: bytes in base64. */
  message: Json
}

export const contentToJson = (content: proto.IMessage): Json => proto.Message.fromObject(content).toJSON()

export const messageToJson = (message: PhoneMessage): PhoneMessageJson => ({
  ...message,
  message: contentToJson(message.message),
})

export const messageFromJson = (message: PhoneMessageJson): PhoneMessage => ({
  ...message,
  message: proto.Message.fromObject(message.message),
})
