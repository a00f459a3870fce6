import { proto } from '@whiskeysockets/baileys'
import { bareJid, isShared } from '../model/jid.js'
import type { World } from '../model/world.js'
import { answeredTo, type EventAnswer } from './events.js'
import type { PhoneMessage } from './mailbox.js'
import { addressed } from './message-actions.js'
import { editAttributeOf, textOfMessage } from './message-content.js'
import { votedIn } from './polls.js'

/** A message as the screen of a phone shows it, after all that was done to it. */
export interface ShownMessage {
  id: string
  /** Bare, by phone number. */
  from: string
  text?: string
  edited: boolean
  /** "This message was deleted". */
  deleted: boolean
  /** The emoji of each person, by bare JID. */
  reactions: Record<string, string>
  /** Of a poll: what each person has chosen, by bare JID. */
  votes?: Record<string, string[]>
  /** Of an event: what each person has said, by bare JID. */
  answers?: Record<string, EventAnswer>
}

const { Type } = proto.Message.ProtocolMessage

/**
 * What a phone shows of a chat. As phones do, it leaves out what is asked for by somebody who may not, what is about a message that
 * it does not have, and what the stanza does not announce as an edit or a deletion.
 */
export function shown(messages: readonly PhoneMessage[], { world, me }: { world: World; me: string }): ShownMessage[] {
  const lines = new Map<string, ShownMessage>()
  const sources = new Map<ShownMessage, PhoneMessage>()
  for (const message of messages) {
    const { reactionMessage, protocolMessage, pollUpdateMessage, encEventResponseMessage } = message.message
    const about = pollUpdateMessage?.pollCreationMessageKey ?? encEventResponseMessage?.eventCreationMessageKey
    const key = about ?? reactionMessage?.key ?? protocolMessage?.key
    const target = targetOf(key, { world, me, lines, message })
    if (about) {
      const source = target && sources.get(target)
      if (target && source) answer(world, target, source, message)
    } else if (reactionMessage) {
      if (target) react(target, message.from, reactionMessage.text ?? '')
    } else if (protocolMessage) {
      if (target && message.edit === editAttributeOf(message.message)) change(world, target, message)
    } else {
      const line = lineOf(message)
      lines.set(lineKey(message.id, message.from), line)
      sources.set(line, message)
    }
  }
  return [...lines.values()]
}

const lineKey = (id: string, from: string): string => `${id}|${from}`

function lineOf({ id, from, text }: PhoneMessage): ShownMessage {
  return { id, from, ...(text === undefined ? {} : { text }), edited: false, deleted: false, reactions: {} }
}

/** Whom the writer of a change means: their key is as they see the message. */
function targetOf(
  key: proto.IMessageKey | null | undefined,
  {
    world,
    me,
    lines,
    message: { from, chat, fromMe },
  }: { world: World; me: string; lines: ReadonlyMap<string, ShownMessage>; message: PhoneMessage },
): ShownMessage | undefined {
  if (!key?.id) return undefined
  const other = isShared(chat) ? key.participant : fromMe ? chat : me
  const author = key.fromMe ? from : other
  const account = world.accountOf(author ?? undefined)
  return account && lines.get(lineKey(key.id, bareJid(account)))
}

function react(line: ShownMessage, from: string, emoji: string): void {
  if (emoji === '') delete line.reactions[from]
  else line.reactions[from] = emoji
}

/** A vote, or an answer to an event: what does not open is as if it had not come. */
function answer(
  world: World,
  line: ShownMessage,
  source: PhoneMessage,
  { from, addressing, message }: PhoneMessage,
): void {
  const names = { creator: addressed(world, source.from, addressing), sender: addressed(world, from, addressing) }
  const { pollUpdateMessage: vote, encEventResponseMessage: said } = message
  const chosen = vote && votedIn(source.message, vote, { ...names, voter: names.sender })
  if (chosen) line.votes = { ...line.votes, [from]: chosen }
  const answered = said && answeredTo(source.message, said, names)
  if (answered) line.answers = { ...line.answers, [from]: answered }
}

function change(world: World, line: ShownMessage, { from, chat, message }: PhoneMessage): void {
  const role = world.group(chat)?.participants.get(world.accountOf(from)?.number ?? '')
  const isAdmin = role === 'admin' || role === 'superadmin'
  const isOwn = from === line.from
  if (message.protocolMessage?.type === Type.MESSAGE_EDIT && isOwn) {
    line.edited = true
    line.text = textOfMessage(message) ?? ''
  }
  if (message.protocolMessage?.type !== Type.REVOKE || !(isOwn || isAdmin)) return
  line.deleted = true
  line.reactions = {}
  delete line.text
}
