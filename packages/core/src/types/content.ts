/** What every kind of message to send may say. */
export interface ContentContext {
  /** The id of a stored message of the same chat. */
  quotedMessageId?: string
  /** Phone numbers or JIDs of the people named with `@` in the text. */
  mentions?: string[]
}

/** A text to send. */
export interface TextContent extends ContentContext {
  /** The default type. */
  type?: 'text'
  text: string
}

/** What can be sent: discriminated by `type`, text when left out. */
export type MessageContent = TextContent

/** `to`: a phone number, a JID or a chat id. */
export type SendOptions = MessageContent & {
  to: string
  /** The caller's own id: kept on the message; sent once, a repeat answers with the stored message. */
  clientMessageId?: string
  signal?: AbortSignal
}

/** The new words of a message. */
export interface EditOptions {
  text: string
  /** Phone numbers or JIDs of the people named with `@` in the text. */
  mentions?: string[]
}

/** Whom a message is deleted for: everyone unless given, or the account alone. */
export interface DeleteOptions {
  for?: 'everyone' | 'me'
}
