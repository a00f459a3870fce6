import type { UnsealedChange, WireChange } from '../ports/connector.js'
import type { NewEvent } from '../ports/event-log.js'
import type { Jid } from '../types/jid.js'
import type { EditedBody, EventAnswer, Message, MessageChange, Reaction } from '../types/message.js'

/** The event of a change: the message after it, beside what it says. */
export type EventOf = (message: Message) => Omit<NewEvent, 'at' | 'key'>

/** What is done to a message, and what is told of it: under canonical ids, and opened. */
export type Deed = { change: MessageChange; event: EventOf }

/** A change that anybody may make and that says by itself what it does: nothing has to be looked up before. */
export type OpenChange = Extract<WireChange, { kind: 'reaction' }>

/** Changes that can be read with the message at hand only. */
export type SealedWireChange = Extract<WireChange, { kind: 'vote' | 'sealed' }>

export type Unsealed = UnsealedChange | { kind: 'vote'; options: string[] }

/** What says by itself what it does. */
export type Said = { at: string } & (
  | Pick<Extract<WireChange, { kind: 'reaction' }>, 'kind' | 'emoji'>
  | ({ kind: 'edit' } & EditedBody)
  | { kind: 'delete' }
  | { kind: 'vote'; options: string[] }
  | ({ kind: 'response' } & EventAnswer)
)

export function deedOf(said: Said, senderId: Jid): Deed {
  const { at } = said
  if (said.kind === 'reaction') return reactionDeed({ senderId, emoji: said.emoji, at })
  if (said.kind === 'edit') return editDeed(said)
  if (said.kind === 'vote' || said.kind === 'response') return answerDeed(said, senderId)
  return {
    change: { kind: 'delete', at },
    event: (message) => ({ name: 'message.deleted', payload: { message } }),
  }
}

export function unsealedDeed(
  opened: Exclude<Unsealed, { kind: 'message' }>,
  { senderId, at }: { senderId: Jid; at: string },
): Deed {
  switch (opened.kind) {
    case 'edit':
      return editDeed(opened)
    case 'reaction':
      return reactionDeed({ senderId, emoji: opened.emoji, at })
    case 'vote':
      return answerDeed({ ...opened, at }, senderId)
    case 'response':
      return answerDeed(opened, senderId)
  }
}

/** What somebody said to a poll or an event. */
function answerDeed(said: Extract<Said, { kind: 'vote' | 'response' }>, senderId: Jid): Deed {
  if (said.kind === 'vote') {
    const { options, at } = said
    return {
      change: { kind: 'vote', voterId: senderId, options, at },
      event: (message) => ({ name: 'poll.vote', payload: { message, voterId: senderId, options } }),
    }
  }
  const { response: answer, extraGuests, at } = said
  const response = { senderId, response: answer, ...(extraGuests ? { extraGuests } : {}), at }
  return {
    change: { kind: 'response', ...response },
    event: (message) => ({ name: 'event.response', payload: { message, response } }),
  }
}

function editDeed({ text, preview, mentions, everyone, buttons, poll, event, at }: EditedBody & { at: string }): Deed {
  const body = { text, preview, mentions, everyone, buttons, poll, event }
  const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as EditedBody
  return {
    change: { kind: 'edit', ...said, at },
    event: (message) => ({ name: 'message.edited', payload: { message } }),
  }
}

function reactionDeed(reaction: Reaction): Deed {
  return {
    change: { kind: 'reaction', ...reaction },
    event: (message) => ({ name: 'message.reaction', payload: { message, reaction } }),
  }
}
