import { proto } from '@whiskeysockets/baileys'
import { SimulatorError } from '../util/errors.js'
import type { MessageContent } from './message-content.js'
import { opened, sealed } from './sealed.js'

/** What people say to the invitation of an event. */
export const EVENT_ANSWERS = ['going', 'not_going', 'maybe'] as const
export type EventAnswer = (typeof EVENT_ANSWERS)[number]

interface Names {
  /** JIDs in the addressing of the chat: they are part of the key. */
  creator: string
  sender: string
}

export interface AnswerParts extends Names {
  /** The event as its message. */
  event: proto.IMessage
  key: proto.IMessageKey
  answer: EventAnswer
  nowMs: number
  bytes: (count: number) => Buffer
}

/** As a phone answers. Throws `BAD_INPUT`. */
export function answerContent({ event, key, answer, nowMs, bytes, ...names }: AnswerParts): MessageContent {
  const secret = event.messageContextInfo?.messageSecret
  if (!event.eventMessage || !secret)
    throw new SimulatorError('BAD_INPUT', 'This message is no event', { field: 'messageId' })
  const said = { response: EVENT_ANSWERS.indexOf(answer) + 1, timestampMs: nowMs }
  const plaintext = proto.Message.EventResponseMessage.encode(said).finish()
  const seal = sealed(plaintext, { secret, bytes, use: 'Event Response', id: key.id ?? '', ...names })
  return { encEventResponseMessage: { eventCreationMessageKey: key, ...seal } }
}

/** What an answer says; `undefined` when the event's secret does not open it for these two. */
export function answeredTo(
  event: proto.IMessage,
  answer: proto.Message.IEncEventResponseMessage,
  names: Names,
): EventAnswer | undefined {
  const id = answer.eventCreationMessageKey?.id ?? ''
  const secret = event.messageContextInfo?.messageSecret
  const plaintext = secret && opened(answer, { secret, use: 'Event Response', id, ...names })
  return plaintext ? EVENT_ANSWERS[(proto.Message.EventResponseMessage.decode(plaintext).response ?? 0) - 1] : undefined
}
