import { createHash } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import { SimulatorError } from '../util/errors.js'
import type { MessageContent } from './message-content.js'
import { opened, sealed } from './sealed.js'

export interface PollOptions {
  /** How many options one person may choose; 0 means any number. Default 1. */
  selectableCount?: number
}

const SECRET_BYTES = 32

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
  const plaintext = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(hashOfOption) }).finish()
  const sealedFor = { use: 'Poll Vote', id: key.id ?? '', creator, sender: voter } as const
  const vote = sealed(plaintext, { secret, bytes, ...sealedFor })
  return {
    pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: nowMs },
  }
}

/** The options that a vote chooses; `undefined` when the poll's secret does not open it for these two. */
export function votedIn(
  poll: proto.IMessage,
  vote: proto.Message.IPollUpdateMessage,
  { creator, voter }: Pick<VoteParts, 'creator' | 'voter'>,
): string[] | undefined {
  const id = vote.pollCreationMessageKey?.id ?? ''
  const secret = poll.messageContextInfo?.messageSecret
  const plaintext = secret && opened(vote.vote ?? {}, { secret, use: 'Poll Vote', id, creator, sender: voter })
  if (!plaintext) return undefined
  const options = (poll.pollCreationMessageV3 ?? poll.pollCreationMessage)?.options ?? []
  const chosen = proto.Message.PollVoteMessage.decode(plaintext).selectedOptions
  return options
    .map(({ optionName }) => optionName ?? '')
    .filter((name) => chosen.some((hash) => hashOfOption(name).equals(hash)))
}

/** What stands for an option in a vote. */
export const hashOfOption = (name: string): Buffer => createHash('sha256').update(name).digest()
