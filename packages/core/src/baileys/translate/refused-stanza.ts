import {
  type BinaryNode,
  decodeMessageNode,
  encodeBinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  proto,
  type WAMessage,
} from '@whiskeysockets/baileys'
import { type TranslateContext, type Translated, toMessage, toPlaceholder } from './to-message.js'

/**
 * The message of a stanza that Baileys refuses, or drops, before it decrypts anything of it: from a server that it does not know
 * (bots, other networks, what comes next), without the sender that it wants to see, or sealed by a bot. `undefined` for what it
 * takes, and for what has no id, which nothing could be stored by.
 */
export function refusedByBaileys(stanza: BinaryNode, me: { id: string; lid?: string }): WAMessage | undefined {
  const { id, from, participant, category, t, notify } = stanza.attrs
  // What goes between the devices of the account is seen by nobody.
  if (!id || !from || category === 'peer') return undefined
  try {
    const { fullMessage } = decodeMessageNode(stanza, me.id, me.lid ?? '')
    return isSealedByBot(stanza) ? fullMessage : undefined
  } catch {
    const key = { remoteJid: from, id, fromMe: false, ...(participant ? { participant } : {}) }
    return { key, messageTimestamp: Number(t), ...(notify ? { pushName: notify } : {}) }
  }
}

/**
 * What such a message is to us: what was said in the clear, or a placeholder. Its raw form is the stanza in WhatsApp's binary
 * encoding then, as there is no protobuf.
 */
export function toRefused(stanza: BinaryNode, wa: WAMessage, context: TranslateContext): Translated {
  const message = saidInTheClear(stanza)
  const said = message && toMessage({ ...wa, message }, context)
  if (said) return said
  const stands = toPlaceholder(wa, isOfBot(stanza) ? 'bot' : 'unsupported', context)
  if (!stands) return undefined
  const raw = encodeBinaryNode(stanza)
  return { message: { ...stands, raw, ...(isUnseen(stanza) ? { type: 'hidden' } : {}) } }
}

/** What the server is answered once it is stored: that the message has arrived, and need not be sent again. */
export function arrivedAck({ tag, attrs }: BinaryNode, me: string): BinaryNode {
  const { id = '', from = '', participant, recipient, type } = attrs
  return {
    tag: 'ack',
    attrs: {
      ...{ id, to: from, class: tag },
      ...(participant ? { participant } : {}),
      ...(recipient ? { recipient } : {}),
      ...(type ? { type } : {}),
      from: me,
    },
  }
}

function saidInTheClear(stanza: BinaryNode): proto.IMessage | undefined {
  const content = getBinaryNodeChild(stanza, 'plaintext')?.content
  if (!(content instanceof Uint8Array)) return undefined
  try {
    return proto.Message.decode(content)
  } catch {
    return undefined
  }
}

/** By a secret that Baileys does not look for. */
function isSealedByBot(stanza: BinaryNode): boolean {
  return getBinaryNodeChild(stanza, 'enc')?.attrs.type === 'msmsg'
}

function isOfBot(stanza: BinaryNode): boolean {
  const { from = '', participant = '' } = stanza.attrs
  return isSealedByBot(stanza) || from.endsWith('@bot') || participant.endsWith('@bot')
}

/** Changes of an earlier message: bots send their answers piece by piece, each with all that was said before. */
function isUnseen(stanza: BinaryNode): boolean {
  const edit = getBinaryNodeChild(stanza, 'bot')?.attrs.edit
  const isHidden = getBinaryNodeChildren(stanza, 'enc').some(({ attrs }) => attrs['decrypt-fail'] === 'hide')
  return isHidden || edit === 'inner' || edit === 'last'
}
