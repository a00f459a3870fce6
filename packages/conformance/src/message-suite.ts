import { changeCases } from './messages/changing.js'
import { orderingCases } from './messages/ordering.js'
import { pagingCases } from './messages/paging.js'
import { recordCases } from './messages/recording.js'
import { upsertCases } from './messages/upserting.js'
import { type Case, registerCases, type StoreUnderTest } from './suite.js'

export const messageCases: readonly Case<'messages' | 'chats' | 'events'>[] = [
  ...upsertCases,
  ...changeCases,
  ...pagingCases,
  ...orderingCases,
  ...recordCases,
]

/** The promises of a `MessageStore`, of the chats that its messages move on, and of the events that tell of them. */
export function messageStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'messages' | 'chats' | 'events'>): void {
  registerCases('messages', messageCases, subject)
}
