import type { Chat, Message } from '@trunkline/core'
import type { Handler, Manager } from '../handler.js'

type LabelRoute =
  | 'listLabels'
  | 'createLabel'
  | 'updateLabel'
  | 'deleteLabel'
  | 'labelChat'
  | 'unlabelChat'
  | 'labelMessage'
  | 'unlabelMessage'

interface ChatParams {
  sessionId: string
  labelId: string
  chatId: string
}

interface MessageParams {
  sessionId: string
  labelId: string
  messageId: string
}

/** The labels of an account, here and on the phone. */
export function labelHandlers(manager: Manager): { [Name in LabelRoute]: Handler<Name> } {
  const labelsOf = ({ sessionId }: { sessionId: string }) => manager.session(sessionId).labels
  const onChat =
    (labeled: boolean) =>
    async ({ params }: { params: ChatParams }): Promise<{ status: 200; body: Chat }> => ({
      status: 200,
      body: await labelsOf(params).labelChat(params.labelId, params.chatId, labeled),
    })
  const onMessage =
    (labeled: boolean) =>
    async ({
      params,
      query,
    }: {
      params: MessageParams
      query: { chatId?: string | undefined }
    }): Promise<{ status: 200; body: Message }> => {
      const ref = { id: params.messageId, ...(query.chatId === undefined ? {} : { chatId: query.chatId }) }
      return { status: 200, body: await labelsOf(params).labelMessage(params.labelId, ref, labeled) }
    }
  return {
    async listLabels({ params }) {
      return { status: 200, body: { items: await labelsOf(params).list() } }
    },
    async createLabel({ params, body }) {
      return { status: 201, body: await labelsOf(params).create(body) }
    },
    async updateLabel({ params, body }) {
      return { status: 200, body: await labelsOf(params).update(params.labelId, body) }
    },
    async deleteLabel({ params }) {
      await labelsOf(params).delete(params.labelId)
      return { status: 204, body: undefined }
    },
    labelChat: onChat(true),
    unlabelChat: onChat(false),
    labelMessage: onMessage(true),
    unlabelMessage: onMessage(false),
  }
}
