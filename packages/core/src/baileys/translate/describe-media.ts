import type { proto } from '@whiskeysockets/baileys'
import type { Location, Media, MessageType } from '../../types/message.js'
import { countOf, type Description, present } from './description.js'

type Parts = proto.Message

const MAX_THUMBNAIL_LENGTH = 16_384
const WAVEFORM_VALUES = 64

export interface WireMedia {
  mimetype?: string | null
  fileLength?: number | { toString(): string } | null
  fileSha256?: Uint8Array | null
}

export const image = (wire: proto.Message.IImageMessage) =>
  media('image', wire, wire.caption, { ...size(wire), ...once(wire), ...thumbnail(wire) })

export const video = (wire: proto.Message.IVideoMessage) =>
  media('video', wire, wire.caption, {
    ...size(wire),
    ...seconds(wire),
    ...once(wire),
    ...(wire.gifPlayback ? { gif: true } : {}),
    ...thumbnail(wire),
  })

export function videoNote(wire: proto.Message.IVideoMessage): Description {
  const { media: file, ...rest } = video(wire)
  return { ...rest, ...(file ? { media: { ...file, videoNote: true } } : {}) }
}

export const audio = (wire: proto.Message.IAudioMessage) =>
  media(wire.ptt ? 'voice' : 'audio', wire, undefined, { ...seconds(wire), ...once(wire), ...waveform(wire) })

export const document = (wire: proto.Message.IDocumentMessage) =>
  media('document', wire, wire.caption, { ...present({ fileName: wire.fileName }), ...thumbnail(wire) })

export const sticker = (wire: proto.Message.IStickerMessage) =>
  media('sticker', wire, undefined, {
    ...size(wire),
    ...(wire.isAnimated ? { animated: true } : {}),
    ...thumbnail({ jpegThumbnail: wire.pngThumbnail }),
  })

export function stickerPack(wire: proto.Message.IStickerPackMessage): Description {
  const pack = media('sticker', { ...wire, mimetype: 'application/zip' }, undefined, {})
  return { ...pack, ...present({ text: wire.name }) }
}

export function place(wire: proto.Message.ILocationMessage): Description {
  return { type: 'location', ...present({ location: locationOf(wire), text: wire.comment }) }
}

export function livePlace(wire: proto.Message.ILiveLocationMessage): Description {
  return { type: 'location', live: true, ...present({ location: locationOf(wire), text: wire.caption }) }
}

/** `undefined` for what is nowhere: JSON has no word for it. */
export function locationOf(wire: proto.Message.ILocationMessage): Location | undefined {
  const { degreesLatitude, degreesLongitude, name, address } = wire
  const [latitude, longitude] = [degreesLatitude ?? 0, degreesLongitude ?? 0]
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return undefined
  return { latitude, longitude, ...present({ name, address }) }
}

type Header = Partial<Pick<Parts, 'imageMessage' | 'videoMessage' | 'documentMessage' | 'locationMessage'>>

/** The picture, film, file or place above a text, without words of its own. */
export function headerOf(header: Header | null | undefined): Pick<Description, 'media' | 'location'> {
  const { imageMessage, videoMessage, documentMessage, locationMessage } = header ?? {}
  if (imageMessage) return present({ media: image(imageMessage).media })
  if (videoMessage) return present({ media: video(videoMessage).media })
  if (documentMessage) return present({ media: document(documentMessage).media })
  return locationMessage ? present({ location: locationOf(locationMessage) }) : {}
}

export function media(
  type: MessageType,
  wire: WireMedia,
  caption: string | null | undefined,
  extra: Partial<Media>,
): Description {
  const sha256 = wire.fileSha256?.length ? Buffer.from(wire.fileSha256).toString('hex') : undefined
  return {
    type,
    ...present({ text: caption }),
    media: {
      mimetype: wire.mimetype ?? 'application/octet-stream',
      bytes: countOf(wire.fileLength),
      ...present({ sha256 }),
      ...extra,
      ...present({ caption }),
      state: 'remote',
    },
  }
}

function size({ width, height }: { width?: number | null; height?: number | null }): Partial<Media> {
  return width && height ? { width, height } : {}
}

function seconds(wire: { seconds?: number | null }): Partial<Media> {
  return wire.seconds ? { seconds: wire.seconds } : {}
}

function once(wire: { viewOnce?: boolean | null }): Partial<Media> {
  return wire.viewOnce ? { viewOnce: true } : {}
}

/** Larger ones are left out: they would be in every list and every event. */
export function thumbnail({ jpegThumbnail: bytes }: { jpegThumbnail?: Uint8Array | null | undefined }): Partial<Media> {
  if (!bytes?.length) return {}
  const type = bytes[0] === 0x89 ? 'image/png' : 'image/jpeg'
  const url = `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
  return url.length <= MAX_THUMBNAIL_LENGTH ? { thumbnail: url } : {}
}

function waveform({ waveform: bytes }: { waveform?: Uint8Array | null }): Partial<Media> {
  return bytes?.length ? { waveform: [...bytes.subarray(0, WAVEFORM_VALUES)].map((value) => Math.min(value, 100)) } : {}
}
