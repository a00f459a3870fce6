import { createContext, useContext } from 'react'
import type { Message } from '../types.js'

/** What the parts of one conversation share. */
export interface ConversationParts {
  sessionId: string
  isGroup: boolean
  /** Whether something can be sent now. */
  canSend: boolean
  /** Whether stars can be set now. */
  canManage: boolean
  /** The addresses of the account itself. */
  ownIds: readonly string[]
  react(message: Message, emoji: string): void
  star(message: Message): void
  reply(message: Message): void
  edit(message: Message): void
  ask(question: Question): void
}

/** What somebody is asked about a message. */
export interface Question {
  kind: 'delete' | 'forward' | 'emoji'
  message: Message
}

const Context = createContext<ConversationParts | undefined>(undefined)

export const ConversationProvider = Context

export function useConversation(): ConversationParts {
  const value = useContext(Context)
  if (!value) throw new Error('There is no conversation around this')
  return value
}
