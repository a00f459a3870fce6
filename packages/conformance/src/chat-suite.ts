import { chatBasicCases } from './chats/chats.js'
import { identityCases } from './chats/identities.js'
import { type Case, registerCases, type StoreUnderTest } from './suite.js'

export const chatCases: readonly Case<'messages' | 'chats'>[] = [...chatBasicCases, ...identityCases]

/** The promises of a `ChatStore`, and of the messages that move with its chats. */
export function chatStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'messages' | 'chats'>): void {
  registerCases('chats', chatCases, subject)
}
