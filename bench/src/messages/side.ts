/** The kinds that are measured, in order. Those of the second list are about a message that is there already. */
export const NEW_KINDS = [
  'text',
  'reply',
  'location',
  'contact',
  'poll',
  'event',
  'image',
  'sticker',
  'video',
  'voice',
  'document',
] as const
export const ABOUT_KINDS = ['reaction', 'edit', 'deletion', 'download'] as const

export type NewKind = (typeof NEW_KINDS)[number]
export type AboutKind = (typeof ABOUT_KINDS)[number]
export type Kind = NewKind | AboutKind

export const MEASURED = ['bare', 'trunkline'] as const
export type MeasuredName = (typeof MEASURED)[number]

/** One of the two things that are compared: linked accounts in one process, that write to each other in every kind. */
export interface MessagesSide {
  link(account: string, scanQr: (qr: string) => Promise<void>): Promise<void>
  /** Answers the id of the message. `about`: of a reply, the message that it answers. */
  send(account: string, to: string, kind: NewKind, about?: string): Promise<string>
  /** Edits and deletions are of a message of the account, reactions of one that it got, in the chat with `to`. */
  change(account: string, to: string, kind: 'reaction' | 'edit' | 'deletion', about: string): Promise<void>
  /** Fetches the file of a message that the account got. Answers its bytes. */
  download(account: string, messageId: string): Promise<number>
  close(): Promise<void>
}

/** What an account got. */
export interface Received {
  account: string
  kind: Kind
  /** Of the message itself; of a change nothing says so. */
  id?: string
}

export interface MessagesListener {
  received(received: Received): void
}

/** Makes files, each another one: of one that is known neither side would do all of the work. */
export type Files = Record<'image' | 'sticker' | 'video' | 'voice' | 'document', () => Buffer>

/** What is said in every kind. */
export const WORDS = {
  text: 'the quick brown fox jumps over the lazy dog',
  edited: 'the quick brown fox sleeps',
  caption: 'as it was',
  question: 'When?',
  options: ['today', 'tomorrow', 'never'],
  name: 'Ada Lovelace',
  phone: '15550009999',
  latitude: 41.3874,
  longitude: 2.1686,
  startsAt: '2030-01-01T12:00:00.000Z',
} as const
