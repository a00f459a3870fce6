import type { QueryOf } from '@trunkline/contract'
import type { RawMessage } from '@trunkline/core'
import { boundedPage } from '../bounded-page.js'
import type { Handler, Manager } from '../handler.js'
import { invalid } from '../input.js'

type MessageRoute = 'sendMessage' | 'listMessages' | 'getMessage'

export function messageHandlers(manager: Manager): { [Name in MessageRoute]: Handler<Name> } {
  return {
    async sendMessage({ params, body, headerFields, signal }) {
      const clientMessageId = clientMessageIdOf(body.clientMessageId, headerFields['Idempotency-Key'])
      const message = await manager.send(params.sessionId, { ...body, clientMessageId, signal })
      return { status: message.status === 'pending' ? 202 : 201, body: message }
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
