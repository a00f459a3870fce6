import { createHash } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { SealedTarget } from '../../ports/connector.js'
import { openContent } from './open-content.js'
import { unseal } from './seal.js'

/** The names of the options that a vote chooses; `undefined` when it does not belong to this poll and these people. */
export function openVote(
  vote: proto.Message.IPollEncValue,
  messageId: string,
  target: SealedTarget,
): string[] | undefined {
  const poll = pollIn(target.raw)
  const opened = poll && unseal(vote, { use: 'Poll Vote', messageId, target })
  if (!opened) return undefined
  const { selectedOptions } = proto.Message.PollVoteMessage.decode(opened)
  return chosenBy(
    selectedOptions,
    (poll.options ?? []).map(({ optionName }) => optionName ?? ''),
  )
}

/** The poll that a message makes, in whichever of its forms. */
function pollIn(raw: Uint8Array): proto.Message.IPollCreationMessage | undefined {
  const { content } = openContent(proto.Message.decode(raw))
  const { pollCreationMessage: first, pollCreationMessageV2: second, pollCreationMessageV3: third } = content
  return first ?? second ?? third ?? content.pollCreationMessageV5 ?? undefined
}

/** The names of the options that a vote chooses, by the SHA-256 of each. */
export function chosenBy(hashes: readonly Uint8Array[], optionNames: readonly string[]): string[] {
  const names = new Map(optionNames.map((name) => [hashOf(name).toString('hex'), name]))
  return hashes.flatMap((hash) => names.get(Buffer.from(hash).toString('hex')) ?? [])
}

/** What a vote seals: its whole choice. */
export function voteFor(optionNames: readonly string[]): Uint8Array {
  return proto.Message.PollVoteMessage.encode({ selectedOptions: optionNames.map(hashOf) }).finish()
}

function hashOf(optionName: string): Buffer {
  return createHash('sha256').update(optionName).digest()
}
