import type { QueryOf, sendFileFields, sendMessageSchema } from '@trunkline/contract'
import type { RawMessage, SendOptions } from '@trunkline/core'
import type { z } from 'zod'
import { boundedPage } from '../bounded-page.js'
import type { Handler, Manager } from '../handler.js'
import { invalid } from '../input.js'
import type { Upload } from '../upload.js'

type MessageRoute = 'sendMessage' | 'listMessages' | 'getMessage'

export function messageHandlers(manager: Manager): { [Name in MessageRoute]: Handler<Name> } {
  return {
    async sendMessage({ params, body, upload, headerFields, signal }) {
      const clientMessageId = clientMessageIdOf(body.clientMessageId, headerFields['Idempotency-Key'])
      const message = await manager.send(params.sessionId, { ...requestOf(body, upload), clientMessageId, signal })
      const waits = message.status === 'pending' || message.status === 'queued'
      return { status: waits ? 202 : 201, body: message }
    },
    async listMessages({ params, query }) {
      return { status: 200, body: await messagePage(manager, params.sessionId, toMessageQuery(query)) }
    },
    async getMessage({ params, query }) {
      const { raw, ...ref } = query
      const message = await manager.message(params.sessionId, { id: params.messageId, ...ref }, raw ? { raw } : {})
      return { status: 200, body: inJson(message) }
    },
  }
}

type InJson = z.output<typeof sendMessageSchema>
type InForm = z.output<typeof sendFileFields>

/** As the library takes it: what comes with an upload is a form, and its file stands where JSON has base64 or a URL. */
function requestOf(body: InJson | InForm, upload: Upload | undefined): SendOptions {
  if (!upload) return body as InJson
  const { mimetype = saidOf(upload), fileName = upload.fileName, ...fields } = body as InForm
  const names = { ...(mimetype ? { mimetype } : {}), ...(fileName ? { fileName } : {}) }
  return { ...fields, media: { stream: upload.bytes, ...names } }
}

/** Programs that know nothing of a file call it a row of octets. */
function saidOf({ mediaType }: Upload): string | undefined {
  return mediaType === 'application/octet-stream' ? undefined : mediaType
}

/** A page of messages as JSON; large ones are fewer. */
export function messagePage(manager: Manager, sessionId: string, query: MessageQuery) {
  return boundedPage(async (limit) => {
    const page = await manager.messages(sessionId, { ...query, ...(limit === undefined ? {} : { limit }) })
    return { ...page, items: page.items.map(inJson) }
  }, query.limit)
}

type MessageQuery = NonNullable<Parameters<Manager['messages']>[1]>

function inJson({ raw, ...message }: RawMessage) {
  return { ...message, ...(raw ? { raw: Buffer.from(raw).toString('base64') } : {}) }
}

/** As the library calls it. */
export function toMessageQuery({ q, ...query }: QueryOf<'listMessages'>) {
  return { ...query, ...(q === undefined ? {} : { text: q }) }
}

/** The `Idempotency-Key` header and `clientMessageId` are two ways to say the same. */
function clientMessageIdOf(fromBody: string | undefined, key: string | undefined): string | undefined {
  if (key !== undefined && fromBody !== undefined && fromBody !== key) {
    throw invalid([{ field: 'Idempotency-Key', message: 'differs from clientMessageId: give one of them' }])
  }
  return key ?? fromBody
}
