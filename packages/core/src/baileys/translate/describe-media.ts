import type { proto } from '@whiskeysockets/baileys'
import type { Location, Media, MessageType } from '../../types/message.js'
import { type Description, present } from './description.js'

type Parts = proto.Message

export interface WireMedia {
  mimetype?: string | null
  fileLength?: number | { toString(): string } | null
  fileSha256?: Uint8Array | null
}

export const image = (wire: proto.Message.IImageMessage) => media('image', wire, wire.caption, size(wire))

export const video = (wire: proto.Message.IVideoMessage) =>
  media('video', wire, wire.caption, { ...size(wire), ...seconds(wire) })

export const audio = (wire: proto.Message.IAudioMessage) =>
  media(wire.ptt ? 'voice' : 'audio', wire, undefined, seconds(wire))

export const document = (wire: proto.Message.IDocumentMessage) =>
  media('document', wire, wire.caption, present({ fileName: wire.fileName }))

export const sticker = (wire: proto.Message.IStickerMessage) => media('sticker', wire, undefined, size(wire))

export function stickerPack(wire: proto.Message.IStickerPackMessage): Description {
  const pack = media('sticker', { ...wire, mimetype: 'application/zip' }, undefined, {})
  return { ...pack, ...present({ text: wire.name }) }
}

export function place(wire: proto.Message.ILocationMessage): Description {
  return { type: 'location', location: locationOf(wire), ...present({ text: wire.comment }) }
}

export function livePlace(wire: proto.Message.ILiveLocationMessage): Description {
  return { type: 'location', location: locationOf(wire), live: true, ...present({ text: wire.caption }) }
}

export function locationOf(wire: proto.Message.ILocationMessage): Location {
  const { degreesLatitude, degreesLongitude, name, address } = wire
  return { latitude: degreesLatitude ?? 0, longitude: degreesLongitude ?? 0, ...present({ name, address }) }
}

type Header = Partial<Pick<Parts, 'imageMessage' | 'videoMessage' | 'documentMessage' | 'locationMessage'>>

/** The picture, film, file or place above a text, without words of its own. */
export function headerOf(header: Header | null | undefined): Pick<Description, 'media' | 'location'> {
  const { imageMessage, videoMessage, documentMessage, locationMessage } = header ?? {}
  if (imageMessage) return present({ media: image(imageMessage).media })
  if (videoMessage) return present({ media: video(videoMessage).media })
  if (documentMessage) return present({ media: document(documentMessage).media })
  return locationMessage ? { location: locationOf(locationMessage) } : {}
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
      bytes: Number(wire.fileLength ?? 0),
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
