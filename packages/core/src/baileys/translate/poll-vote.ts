import { createHash } from 'node:crypto'
import { decryptPollVote, proto } from '@whiskeysockets/baileys'
import type { SealedPoll } from '../../ports/connector.js'
import type { Jid } from '../../types/jid.js'
import { openContent } from './open-content.js'

type Content = proto.IMessage

/** The poll that a message makes, in whichever of its forms. */
function pollIn(content: Content): proto.Message.IPollCreationMessage | undefined {
  const { pollCreationMessage: first, pollCreationMessageV2: second, pollCreationMessageV3: third } = content
  return first ?? second ?? third ?? content.pollCreationMessageV5 ?? undefined
}

/**
 * The names of the options that a vote chooses; `undefined` when it does not belong to this poll and these people. A vote is
 * sealed with a secret of the poll and with the addresses of its creator and its voter, which are phone numbers or LIDs as the
 * voter's phone knew them: every combination is tried, and no wrong one opens it.
 */
export function openVote(vote: proto.Message.IPollEncValue, pollId: string, sealed: SealedPoll): string[] | undefined {
  const { content, contexts } = openContent(proto.Message.decode(sealed.raw))
  const poll = pollIn(content)
  const secret = contexts.find(({ messageSecret }) => messageSecret?.length)?.messageSecret ?? poll?.encKey
  if (!poll || !secret?.length || !vote.encPayload?.length || !vote.encIv?.length) return undefined
  const names = (poll.options ?? []).map(({ optionName }) => optionName ?? '')
  for (const pollCreatorJid of sealed.creatorIds) {
    for (const voterJid of sealed.voterIds) {
      const hashes = decrypted(vote, { pollCreatorJid, pollMsgId: pollId, pollEncKey: secret, voterJid })
      if (hashes) return chosenBy(hashes, names)
    }
  }
  return undefined
}

interface VoteContext {
  pollCreatorJid: Jid
  pollMsgId: string
  pollEncKey: Uint8Array
  voterJid: Jid
}

function decrypted(vote: proto.Message.IPollEncValue, context: VoteContext): Uint8Array[] | undefined {
  try {
    return decryptPollVote(vote, context).selectedOptions ?? []
  } catch {
    // Not sealed for these two, or no vote at all.
    return undefined
  }
}

/** The names of the options that a vote chooses, by the SHA-256 of each. */
export function chosenBy(hashes: readonly Uint8Array[], optionNames: readonly string[]): string[] {
  const names = new Map(optionNames.map((name) => [createHash('sha256').update(name).digest('hex'), name]))
  return hashes.flatMap((hash) => names.get(Buffer.from(hash).toString('hex')) ?? [])
}
