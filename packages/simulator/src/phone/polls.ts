import { createHash } from 'node:crypto'
import { aesEncryptGCM, hmacSign, proto } from '@whiskeysockets/baileys'
import { SimulatorError } from '../util/errors.js'
import type { MessageContent } from './message-content.js'

export interface PollOptions {
  /** How many options one person may choose; 0 means any number. Default 1. */
  selectableCount?: number
}

const SECRET_BYTES = 32
const IV_BYTES = 12

/** As a phone makes it: with the secret that votes are sealed with. Throws `BAD_INPUT`. */
export function pollContent(
  question: string,
  options: readonly string[],
  { selectableCount, bytes }: { selectableCount: number; bytes: (count: number) => Buffer },
): MessageContent {
  if (options.length < 2 || new Set(options).size < options.length) {
    throw new SimulatorError('BAD_INPUT', 'A poll has two options or more, each once', { field: 'options' })
  }
  const poll = {
    name: question,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectableCount,
  }
  const messageContextInfo = { messageSecret: bytes(SECRET_BYTES) }
  // Phones write polls with one choice in a form of their own.
  return selectableCount === 1
    ? { messageContextInfo, pollCreationMessageV3: poll }
    : { messageContextInfo, pollCreationMessage: poll }
}

export interface VoteParts {
  /** The poll as its message. */
  poll: proto.IMessage
  key: proto.IMessageKey
  /** JIDs in the addressing of the chat: they are part of the key. */
  creator: string
  voter: string
  options: readonly string[]
  nowMs: number
  bytes: (count: number) => Buffer
}

/** The whole choice, which replaces an earlier one; no option takes the vote back. Throws `BAD_INPUT`. */
export function voteContent({ poll, key, creator, voter, options, nowMs, bytes }: VoteParts): MessageContent {
  const names = (poll.pollCreationMessageV3 ?? poll.pollCreationMessage)?.options?.map(({ optionName }) => optionName)
  const secret = poll.messageContextInfo?.messageSecret
  if (!names || !secret) throw new SimulatorError('BAD_INPUT', 'This message is no poll', { field: 'messageId' })
  if (options.some((option) => !names.includes(option))) {
    throw new SimulatorError('BAD_INPUT', 'The poll has no such option', { field: 'options' })
  }
  const id = key.id ?? ''
  const vote = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(hashOfOption) }).finish()
  const sealKey = hmacSign(
    Buffer.concat([Buffer.from(`${id}${creator}${voter}Poll Vote`), Buffer.from([1])]),
    hmacSign(secret, Buffer.alloc(SECRET_BYTES), 'sha256'),
    'sha256',
  )
  const encIv = bytes(IV_BYTES)
  const encPayload = aesEncryptGCM(vote, sealKey, encIv, Buffer.from(`${id}\0${voter}`))
  return {
    pollUpdateMessage: { pollCreationMessageKey: key, vote: { encPayload, encIv }, senderTimestampMs: nowMs },
  }
}

/** What stands for an option in a vote. */
export const hashOfOption = (name: string): Buffer => createHash('sha256').update(name).digest()
