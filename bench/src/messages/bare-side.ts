import {
  type AnyMessageContent,
  downloadMediaMessage,
  getContentType,
  normalizeMessageContent,
  type proto,
  type WAMessage,
} from '@whiskeysockets/baileys'
import { BareAccounts, jidOf } from '../end-to-end/bare-accounts.js'
import type { SideOptions } from '../end-to-end/side.js'
import { type Files, type Kind, type MessagesListener, type MessagesSide, type NewKind, WORDS } from './side.js'

/** Baileys alone. It keeps what was got for the files in it, and for what is answered. */
export function createBareMessages(options: SideOptions, files: Files, listener: MessagesListener): MessagesSide {
  const got = new Map<string, WAMessage>()
  const accounts = new BareAccounts(options, {
    connected: () => undefined,
    disconnected: () => undefined,
    received(account, message) {
      const kind = kindOf(message.message)
      const id = message.key.id ?? ''
      if (!kind) return
      got.set(`${account}|${id}`, message)
      listener.received({ account, kind, id })
    },
  })
  return {
    link: (account, scanQr) => accounts.link(account, scanQr),
    async send(account, to, kind, about) {
      const quoted = about === undefined ? undefined : got.get(`${account}|${about}`)
      return await accounts.send(account, to, contentOf(kind, files), quoted ? { quoted } : {})
    },
    async change(account, to, kind, about) {
      const key = { remoteJid: jidOf(to), fromMe: kind !== 'reaction', id: about }
      if (kind === 'reaction') await accounts.send(account, to, { react: { key, text: '👍' } })
      else if (kind === 'edit') await accounts.send(account, to, { text: WORDS.edited, edit: key })
      else await accounts.send(account, to, { delete: key })
    },
    async download(account, id) {
      const message = got.get(`${account}|${id}`)
      if (!message) throw new Error(`Nobody has got ${id}`)
      return (await downloadMediaMessage(message, 'buffer', {})).length
    },
    close: () => accounts.close(),
  }
}

function contentOf(kind: NewKind, files: Files): AnyMessageContent {
  const { latitude: degreesLatitude, longitude: degreesLongitude } = WORDS
  switch (kind) {
    case 'text':
    case 'reply':
      return { text: WORDS.text }
    case 'location':
      return { location: { degreesLatitude, degreesLongitude } }
    case 'contact': {
      const vcard = `BEGIN:VCARD\nVERSION:3.0\nFN:${WORDS.name}\nTEL;waid=${WORDS.phone}:+${WORDS.phone}\nEND:VCARD`
      return { contacts: { displayName: WORDS.name, contacts: [{ displayName: WORDS.name, vcard }] } }
    }
    case 'poll':
      return { poll: { name: WORDS.question, values: [...WORDS.options], selectableCount: 1 } }
    case 'event':
      return { event: { name: WORDS.question, startDate: new Date(WORDS.startsAt) } }
    case 'image':
      return { image: files.image(), caption: WORDS.caption }
    case 'sticker':
      return { sticker: files.sticker() }
    case 'video':
      return { video: files.video(), caption: WORDS.caption }
    case 'voice':
      return { audio: files.voice(), ptt: true, mimetype: 'audio/ogg; codecs=opus' }
    case 'document':
      return { document: files.document(), mimetype: 'application/pdf', fileName: 'a.pdf' }
  }
}

const KINDS: Partial<Record<keyof proto.IMessage, Kind>> = {
  conversation: 'text',
  locationMessage: 'location',
  contactMessage: 'contact',
  contactsArrayMessage: 'contact',
  pollCreationMessage: 'poll',
  pollCreationMessageV3: 'poll',
  eventMessage: 'event',
  imageMessage: 'image',
  stickerMessage: 'sticker',
  videoMessage: 'video',
  audioMessage: 'voice',
  documentMessage: 'document',
  reactionMessage: 'reaction',
}

function kindOf(message: proto.IMessage | null | undefined): Kind | undefined {
  const content = normalizeMessageContent(message)
  const type = getContentType(content)
  if (!content || !type) return undefined
  if (type === 'extendedTextMessage') return content.extendedTextMessage?.contextInfo?.stanzaId ? 'reply' : 'text'
  if (type === 'protocolMessage') return content.protocolMessage?.editedMessage ? 'edit' : 'deletion'
  return KINDS[type]
}
