import type { MediaFields, MediaPart } from '@trunkline/simulator'
import type { proto } from '@whiskeysockets/baileys'
import type { MessageContent } from '../../src/index.js'
import { oggOpus } from './ogg-opus.js'

const VCARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Dan\nEND:VCARD'
const FILE = Buffer.from('a file of more than one block of sixteen bytes, '.repeat(50))
const VOICE = oggOpus(2)
/** A WebP as small as they get: one pixel, lossless. */
/** The smallest picture, a white pixel. */
const JPEG = Buffer.from(
  '/9j/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAABAAEDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/ALIAP//Z',
  'base64',
)
const WEBP = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64')

/** What is done to a message once it is there. */
export const DEEDS = ['quotes', 'edited', 'reacted to', 'forwarded', 'deleted'] as const
export type Deed = (typeof DEEDS)[number]

/** A kind of message: as it is sent from here, as it is on the wire, and as it is stored. */
export interface MessageKind {
  /** `site`: where a page and nothing else is. `friend`: a number of somebody in the chat. */
  content(parts: { site: string; friend: string }): MessageContent
  wire: object
  stored: object
  /** What both sides hold, where there is a file; and how a phone sends it. */
  file?: { bytes: Buffer; part: MediaPart; fields?: MediaFields; wrap?(content: proto.IMessage): proto.IMessage }
  /** What nobody can do to it in WhatsApp. */
  never?: readonly Deed[]
}

const media = (bytes: Buffer, mimetype: string) => ({ data: Buffer.from(bytes), mimetype })

export const MESSAGE_KINDS: Record<string, MessageKind> = {
  text: {
    content: () => ({ type: 'text', text: 'hello' }),
    wire: { extendedTextMessage: { text: 'hello' } },
    stored: { type: 'text', text: 'hello' },
  },
  'text that names somebody': {
    content: ({ friend }) => ({ type: 'text', text: `@${friend} look`, mentions: [friend] }),
    wire: { extendedTextMessage: { contextInfo: { mentionedJid: [expectedJid()] } } },
    stored: { type: 'text', mentions: [expectedJid()] },
  },
  'text with the page of its link': {
    content: ({ site }) => ({ type: 'text', text: `see ${site}/tea`, linkPreview: true }),
    wire: { extendedTextMessage: { title: 'Tea', description: 'Every day' } },
    stored: { type: 'text', preview: { title: 'Tea', description: 'Every day' } },
  },
  image: {
    content: () => ({ type: 'image', media: media(JPEG, 'image/jpeg'), caption: 'look' }),
    wire: { imageMessage: { caption: 'look', mimetype: 'image/jpeg' } },
    stored: { type: 'image', text: 'look', media: { mimetype: 'image/jpeg', bytes: JPEG.length } },
    file: { bytes: JPEG, part: 'image', fields: { caption: 'look' } },
  },
  video: {
    content: () => ({ type: 'video', media: media(FILE, 'video/mp4'), caption: 'look' }),
    wire: { videoMessage: { caption: 'look', mimetype: 'video/mp4' } },
    stored: { type: 'video', text: 'look', media: { bytes: FILE.length } },
    file: { bytes: FILE, part: 'video', fields: { caption: 'look' } },
  },
  GIF: {
    content: () => ({ type: 'video', media: media(FILE, 'video/mp4'), gif: true }),
    wire: { videoMessage: { gifPlayback: true } },
    stored: { type: 'video', media: { gif: true } },
    file: { bytes: FILE, part: 'video', fields: { gifPlayback: true } },
  },
  'video note': {
    content: () => ({ type: 'video', media: media(FILE, 'video/mp4'), videoNote: true }),
    wire: { ptvMessage: { mimetype: 'video/mp4' } },
    stored: { type: 'video', media: { videoNote: true } },
    file: { bytes: FILE, part: 'note' },
    never: ['edited'],
  },
  'voice note': {
    content: () => ({ type: 'voice', media: { data: Buffer.from(VOICE) } }),
    wire: { audioMessage: { ptt: true, seconds: 2 } },
    stored: { type: 'voice', media: { seconds: 2 } },
    file: { bytes: VOICE, part: 'audio', fields: { ptt: true, seconds: 2 } },
    never: ['edited'],
  },
  sound: {
    content: () => ({ type: 'audio', media: media(FILE, 'audio/mpeg') }),
    wire: { audioMessage: { mimetype: 'audio/mpeg' } },
    stored: { type: 'audio', media: { mimetype: 'audio/mpeg' } },
    file: { bytes: FILE, part: 'audio', fields: { mimetype: 'audio/mpeg' } },
    never: ['edited'],
  },
  document: {
    content: () => ({ type: 'document', media: { ...media(FILE, 'application/pdf'), fileName: 'a.pdf' } }),
    wire: { documentMessage: { fileName: 'a.pdf' } },
    stored: { type: 'document', media: { fileName: 'a.pdf', bytes: FILE.length } },
    file: { bytes: FILE, part: 'document', fields: { fileName: 'a.pdf' } },
  },
  'document with words': {
    content: () => ({
      type: 'document',
      media: { ...media(FILE, 'application/pdf'), fileName: 'a.pdf' },
      caption: 'read',
    }),
    wire: { documentWithCaptionMessage: { message: { documentMessage: { fileName: 'a.pdf', caption: 'read' } } } },
    stored: { type: 'document', text: 'read', media: { fileName: 'a.pdf', bytes: FILE.length } },
    file: {
      bytes: FILE,
      part: 'document',
      fields: { fileName: 'a.pdf', caption: 'read' },
      wrap: (message) => ({ documentWithCaptionMessage: { message } }),
    },
  },
  sticker: {
    content: () => ({ type: 'sticker', media: media(WEBP, 'image/webp') }),
    wire: { stickerMessage: { mimetype: 'image/webp' } },
    stored: { type: 'sticker', media: { mimetype: 'image/webp' } },
    file: { bytes: WEBP, part: 'sticker', fields: { mimetype: 'image/webp' } },
    never: ['edited'],
  },
  'picture to be seen once': {
    content: () => ({ type: 'image', media: media(JPEG, 'image/jpeg'), viewOnce: true }),
    wire: { viewOnceMessage: { message: { imageMessage: { viewOnce: true } } } },
    stored: { type: 'image', media: { viewOnce: true } },
    file: {
      bytes: JPEG,
      part: 'image',
      fields: { viewOnce: true },
      wrap: (message) => ({ viewOnceMessage: { message } }),
    },
    never: ['edited', 'forwarded'],
  },
  'film to be seen once': {
    content: () => ({ type: 'video', media: media(FILE, 'video/mp4'), viewOnce: true }),
    wire: { viewOnceMessage: { message: { videoMessage: { viewOnce: true } } } },
    stored: { type: 'video', media: { viewOnce: true } },
    file: {
      bytes: FILE,
      part: 'video',
      fields: { viewOnce: true },
      wrap: (message) => ({ viewOnceMessageV2: { message } }),
    },
    never: ['edited', 'forwarded'],
  },
  'voice note to be heard once': {
    content: () => ({ type: 'voice', media: { data: Buffer.from(VOICE) }, viewOnce: true }),
    wire: { viewOnceMessageV2Extension: { message: { audioMessage: { ptt: true, viewOnce: true } } } },
    stored: { type: 'voice', media: { viewOnce: true } },
    file: {
      bytes: VOICE,
      part: 'audio',
      fields: { ptt: true, viewOnce: true },
      wrap: (message) => ({ viewOnceMessageV2Extension: { message } }),
    },
    never: ['edited', 'forwarded'],
  },
  location: {
    content: () => ({
      type: 'location',
      latitude: 52.5163,
      longitude: 13.3777,
      name: 'Gate',
      address: 'Pariser Platz',
    }),
    wire: {
      locationMessage: { degreesLatitude: 52.5163, degreesLongitude: 13.3777, name: 'Gate', address: 'Pariser Platz' },
    },
    stored: {
      type: 'location',
      location: { latitude: 52.5163, longitude: 13.3777, name: 'Gate', address: 'Pariser Platz' },
    },
    never: ['edited'],
  },
  'live location': {
    content: () => ({ type: 'location', latitude: 52.5163, longitude: 13.3777, name: 'On my way', live: true }),
    wire: { liveLocationMessage: { degreesLatitude: 52.5163, degreesLongitude: 13.3777, caption: 'On my way' } },
    stored: { type: 'location', live: true, text: 'On my way', location: { latitude: 52.5163, longitude: 13.3777 } },
    never: ['edited', 'forwarded'],
  },
  'a contact': {
    content: () => ({ type: 'contact', contacts: [{ name: 'Dan; Dr.', phone: '+1 555 000 0004' }] }),
    wire: {
      contactMessage: {
        displayName: 'Dan; Dr.',
        vcard:
          'BEGIN:VCARD\nVERSION:3.0\nN:;Dan\\; Dr.;;;\nFN:Dan\\; Dr.\nTEL;type=CELL;type=VOICE;waid=15550000004:+15550000004\nEND:VCARD',
      },
    },
    stored: { type: 'contact', contacts: [{ name: 'Dan; Dr.' }] },
    never: ['edited'],
  },
  contacts: {
    content: () => ({
      type: 'contact',
      contacts: [
        { name: 'Dan', vcard: VCARD },
        { name: 'Eve', phone: '15550000005' },
      ],
    }),
    wire: { contactsArrayMessage: { contacts: [{ displayName: 'Dan', vcard: VCARD }, { displayName: 'Eve' }] } },
    stored: { type: 'contact', contacts: [{ name: 'Dan', vcard: VCARD }, { name: 'Eve' }] },
    never: ['edited'],
  },
  poll: {
    content: () => ({ type: 'poll', question: 'When?', options: ['today', 'never'] }),
    wire: {
      pollCreationMessageV3: {
        name: 'When?',
        options: [{ optionName: 'today' }, { optionName: 'never' }],
        selectableOptionsCount: 1,
      },
    },
    stored: {
      type: 'poll',
      text: 'When?',
      poll: {
        question: 'When?',
        options: [
          { name: 'today', voters: [] },
          { name: 'never', voters: [] },
        ],
        selectableCount: 1,
      },
    },
    never: ['edited', 'forwarded'],
  },
  event: {
    content: () => ({
      type: 'event',
      name: 'Lunch',
      description: 'with all',
      startsAt: '2030-01-01T12:00:00.000Z',
      endsAt: '2030-01-01T13:00:00.000Z',
      location: { latitude: 1, longitude: 2, name: 'Here' },
    }),
    wire: { eventMessage: { name: 'Lunch', description: 'with all', isCanceled: false, location: { name: 'Here' } } },
    stored: {
      type: 'event',
      text: 'Lunch\nwith all\nHere',
      event: {
        name: 'Lunch',
        startsAt: '2030-01-01T12:00:00.000Z',
        endsAt: '2030-01-01T13:00:00.000Z',
        location: { latitude: 1, longitude: 2, name: 'Here' },
      },
    },
    never: ['edited', 'forwarded'],
  },
}

/** Whoever is named, by whichever address the chat has. */
function expectedJid(): unknown {
  return { asymmetricMatch: (value: unknown) => typeof value === 'string' && /@(?:lid|s\.whatsapp\.net)$/.test(value) }
}
