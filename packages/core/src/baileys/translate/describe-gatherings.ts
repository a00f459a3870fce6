import { proto } from '@whiskeysockets/baileys'
import { normalizeJid } from '../../records/jid.js'
import type { Poll } from '../../types/message.js'
import { isoTime } from '../../util/iso-time.js'
import { locationOf } from './describe-media.js'
import { countOf, type Description, lines, present, timeOf, worded } from './description.js'

// People brought together: contacts, polls, events, calls, invitations.

export function contacts(wires: readonly proto.Message.IContactMessage[]): Description {
  const cards = wires.map(({ displayName, vcard }) => ({ name: displayName ?? '', vcard: vcard ?? '' }))
  return { type: 'contact', contacts: cards }
}

export function poll(wire: proto.Message.IPollCreationMessage): Description {
  const options = (wire.options ?? []).map(({ optionName }) => ({ name: optionName ?? '', voters: [] }))
  return asked({ question: wire.name ?? '', options, selectableCount: wire.selectableOptionsCount ?? 0 })
}

/** How a poll ended, told to those who could not see the votes. */
export function pollResult(wire: proto.Message.IPollResultSnapshotMessage): Description {
  const options = (wire.pollVotes ?? []).map(({ optionName, optionVoteCount }) => ({
    name: optionName ?? '',
    voters: [],
    count: countOf(optionVoteCount),
  }))
  return asked({ question: wire.name ?? '', options, selectableCount: 0 })
}

function asked(poll: Poll): Description {
  return { type: 'poll', text: poll.question, poll }
}

export function event(wire: proto.Message.IEventMessage): Description {
  const { name, description, location, joinLink, isCanceled, startTime, endTime } = wire
  return worded('event', [name, description, location && lines(location.name, location.address)], {
    event: {
      name: name ?? '',
      ...present({
        description,
        startsAt: timeOf(startTime),
        endsAt: timeOf(endTime),
        location: location && locationOf(location),
        joinUrl: joinLink,
        canceled: isCanceled || undefined,
      }),
    },
  })
}

const { CallOutcome } = proto.Message.CallLogMessage

export function callLog(wire: proto.Message.ICallLogMessage): Description {
  const outcome = CallOutcome[wire.callOutcome ?? CallOutcome.CONNECTED]?.toLowerCase()
  const seconds = countOf(wire.durationSecs) || undefined
  return { type: 'call', call: { kind: wire.isVideo ? 'video' : 'audio', ...present({ outcome, seconds }) } }
}

export function plannedCall(wire: proto.Message.IScheduledCallCreationMessage): Description {
  const isVideo = wire.callType === proto.Message.ScheduledCallCreationMessage.CallType.VIDEO
  const startsAt = isoTime(Number(wire.scheduledTimestampMs || Number.NaN))
  return worded('call', [wire.title], { call: { kind: isVideo ? 'video' : 'audio', ...present({ startsAt }) } })
}

export function broadcastCall(wire: proto.Message.IBCallMessage): Description {
  const isVideo = wire.mediaType === proto.Message.BCallMessage.MediaType.VIDEO
  return worded('call', [wire.caption], { call: { kind: isVideo ? 'video' : 'audio' } })
}

interface Invitation {
  jid?: string | null | undefined
  name?: string | null | undefined
  caption?: string | null | undefined
  code?: string | null | undefined
  expires?: proto.Message.IGroupInviteMessage['inviteExpiration']
}

export function invite({ jid, name, caption, code, expires }: Invitation): Description {
  const chatId = jid ? normalizeJid(jid) : undefined
  return worded('invite', [name, caption], { invite: present({ chatId, name, code, expiresAt: timeOf(expires) }) })
}
