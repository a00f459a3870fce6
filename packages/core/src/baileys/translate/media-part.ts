import type { proto } from '@whiskeysockets/baileys'
import type { PreparableContent } from '../../ports/connector.js'
import type { MediaContent } from '../../types/content.js'
import type { Context } from './content-parts.js'

/** The protobuf of a message with a file that is uploaded. */
export function mediaPart(
  content: MediaContent,
  file: NonNullable<PreparableContent['file']>,
  context: Context,
): proto.IMessage {
  const { about, uploaded } = file
  const { bytes, ...names } = uploaded
  const { mimetype, width, height, thumbnail } = about
  const seconds = about.seconds === undefined ? {} : { seconds: Math.max(Math.round(about.seconds), 1) }
  const shared = { ...names, fileLength: bytes, mimetype, ...context }
  const size = width && height ? { width, height } : {}
  const picture = thumbnail ? { jpegThumbnail: thumbnail } : {}
  const caption = 'caption' in content && content.caption !== undefined ? { caption: content.caption } : {}
  const once = 'viewOnce' in content && content.viewOnce ? { viewOnce: true } : {}
  switch (content.type) {
    case 'image': {
      const imageMessage = { ...shared, ...size, ...picture, ...caption, ...once }
      return sealed({ imageMessage }, once)
    }
    case 'video': {
      const gif = content.gif ? { gifPlayback: true } : {}
      const film = { ...shared, ...size, ...picture, ...seconds, ...caption, ...once, ...gif }
      return content.videoNote ? { ptvMessage: film } : sealed({ videoMessage: film }, once)
    }
    case 'document': {
      const fileName = about.fileName ?? 'file'
      const documentMessage = { ...shared, fileName, title: fileName, ...caption }
      // Phones show a caption only in this wrapper.
      return content.caption ? { documentWithCaptionMessage: { message: { documentMessage } } } : { documentMessage }
    }
    case 'sticker': {
      const stickerMessage = { ...shared, ...size, ...(about.animated ? { isAnimated: true } : {}) }
      return { stickerMessage }
    }
    case 'audio':
    case 'voice': {
      const note =
        content.type === 'voice' ? { ptt: true, ...(about.waveform ? { waveform: about.waveform } : {}) } : {}
      const audioMessage = { ...shared, ...seconds, ...note, ...once }
      // Sound has a wrapper of its own.
      return content.viewOnce ? { viewOnceMessageV2Extension: { message: { audioMessage } } } : { audioMessage }
    }
  }
}

/** What is to be seen once comes in a wrapper. */
function sealed(message: proto.IMessage, { viewOnce }: { viewOnce?: boolean }): proto.IMessage {
  return viewOnce ? { viewOnceMessage: { message } } : message
}
