import { bareJid, isGroupJid, isShared } from '../model/jid.js'
import { receiptIds } from '../server/messages/offline-queue.js'
import type { ServerContext } from '../server/server-context.js'
import { type BinaryNode, childrenOf } from '../wire/node.js'
import type { PhoneCallAnswer, PhoneGroupNotice, PhoneReceipt, PhoneTyping } from './phone-types.js'

/** What a phone shows of a receipt. */
export function receiptOf(server: ServerContext, receipt: BinaryNode): PhoneReceipt | undefined {
  const { from = '', participant, type = 'delivered', recipient } = receipt.attrs
  const author = server.world.accountOf(participant ?? from)
  if (!author) return undefined
  const chat = server.world.accountOf(recipient ?? from)
  return {
    ids: receiptIds(receipt),
    from: bareJid(author),
    chat: isShared(from) ? from : chat ? bareJid(chat) : from,
    type,
    at: now(server),
  }
}

/** What it shows of somebody who types. */
export function typingOf(server: ServerContext, chatState: BinaryNode): PhoneTyping | undefined {
  const { from = '', participant } = chatState.attrs
  const author = server.world.accountOf(participant ?? from)
  const [child] = childrenOf(chatState)
  if (!author || !child) return undefined
  const state = child.attrs.media === 'audio' ? 'recording' : child.tag === 'composing' ? 'composing' : 'paused'
  return { from: bareJid(author), chat: isGroupJid(from) ? from : bareJid(author), state, at: now(server) }
}

const now = (server: ServerContext): string => new Date(server.clock.now()).toISOString()

export function callAnswerOf(stanza: BinaryNode): PhoneCallAnswer | undefined {
  const [what] = childrenOf(stanza)
  const { 'call-id': id } = what?.attrs ?? {}
  return what && id && stanza.attrs.from ? { id, from: stanza.attrs.from, kind: what.tag } : undefined
}

/** What it is told of a group. */
export function groupNoticeOf(server: ServerContext, { attrs, content }: BinaryNode): PhoneGroupNotice | undefined {
  const { from, participant, type } = attrs
  const [child] = Array.isArray(content) ? content : []
  const by = server.world.accountOf(participant)
  if (!isGroupJid(from) || !from || !child || !by) return undefined
  const people = childrenOf(child).flatMap(({ attrs: { jid } }) => server.world.accountOf(jid) ?? [])
  const kind = type === 'picture' ? 'picture' : child.tag
  return { group: from, kind, by: bareJid(by), participants: people.map((account) => bareJid(account)) }
}
