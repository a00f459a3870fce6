import { changeCases } from './messages/changing.js'
import { pagingCases } from './messages/paging.js'
import { upsertCases } from './messages/upserting.js'
import { type Case, registerCases, type StoreUnderTest } from './suite.js'

export const messageCases: readonly Case<'messages' | 'chats'>[] = [...upsertCases, ...changeCases, ...pagingCases]

/** The promises of a `MessageStore`, and of the chats that its messages move on. */
export function messageStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'messages' | 'chats'>): void {
  registerCases('messages', messageCases, subject)
}
