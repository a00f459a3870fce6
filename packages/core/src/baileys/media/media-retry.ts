import {
  type BinaryNode,
  decodeMediaRetryNode,
  decryptMediaRetryData,
  encryptMediaRetryRequest,
  proto,
  type WASocket,
} from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { MediaMessage } from '../../ports/connector.js'
import { deferred } from '../../util/deferred.js'
import { within } from '../../util/sleep.js'

const ANSWER = 'CB:notification,type:mediaretry'
const { ResultType } = proto.MediaRetryNotification

/**
 * Asks the phone to upload a file again and answers where it is then. Not by Baileys, which waits for ever for a phone that is off
 * (`updateMediaMessage`).
 *
 * @throws MEDIA_EXPIRED when the phone no longer has it · MEDIA_NOT_AVAILABLE when it does not answer
 */
export async function askPhoneToUpload(
  socket: WASocket,
  { id, chatId, senderId, fromMe, mediaKey }: Omit<MediaMessage, 'raw'> & { mediaKey: Uint8Array },
  { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<string> {
  const answered = deferred<BinaryNode>()
  const hear = (stanza: BinaryNode) => {
    if (stanza.attrs.id === id) answered.resolve(stanza)
  }
  socket.ws.on(ANSWER, hear)
  try {
    const key = { id, remoteJid: chatId, fromMe, ...(senderId === chatId ? {} : { participant: senderId }) }
    await socket.sendNode(encryptMediaRetryRequest(key, Buffer.from(mediaKey), socket.user?.id ?? ''))
    const stanza = await within(clock, timeoutMs, answered.promise, signal)
    if (!stanza) throw unavailable('The phone did not answer when it was asked to upload the file again')
    return placeIn(stanza, { id, mediaKey })
  } finally {
    socket.ws.off(ANSWER, hear)
  }
}

function placeIn(stanza: BinaryNode, { id, mediaKey }: { id: string; mediaKey: Uint8Array }): string {
  const { media, error } = decoded(stanza)
  if (!media) {
    if (Number(error?.data?.code) === ResultType.NOT_FOUND) throw new TrunklineError('MEDIA_EXPIRED')
    throw unavailable('The phone could not upload the file again')
  }
  const { result, directPath } = decryptMediaRetryData(media, mediaKey, id)
  if (result === ResultType.NOT_FOUND) throw new TrunklineError('MEDIA_EXPIRED')
  if (result === ResultType.SUCCESS && directPath?.startsWith('/')) return directPath
  throw unavailable('The phone could not upload the file again')
}

type Answer = { media?: { ciphertext: Uint8Array; iv: Uint8Array }; error?: { data?: { code?: string } } }

/** Baileys wants a child that not every answer has. */
function decoded(stanza: BinaryNode): Answer {
  try {
    return decodeMediaRetryNode(stanza) as Answer
  } catch {
    return {}
  }
}

export const unavailable = (message: string, cause?: unknown): TrunklineError<'MEDIA_NOT_AVAILABLE'> =>
  new TrunklineError('MEDIA_NOT_AVAILABLE', { message, ...(cause === undefined ? {} : { cause }) })
