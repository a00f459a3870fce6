/** One of the things that are compared: many linked accounts in one process. */
export interface Side {
  /** Links an account and resolves when it is connected. */
  link(account: string, scanQr: (qr: string) => Promise<void>): Promise<void>
  /** Sends a text to a number, or to the chat that a message came from. */
  send(account: string, to: string, text: string): Promise<void>
  /** Work that comes back less often than an idle window is long; it is measured once and counted by its share. */
  recurring?: { intervalMs: number; once(): Promise<void> }
  close(): Promise<void>
}

export interface SideListener {
  received(message: { account: string; chat: string; text: string }): void
  connected(account: string): void
  disconnected(account: string): void
}

export interface SideOptions {
  url: string
  /** Hex. */
  rootPublicKey: string
  connectsPerSecond: number
  /** Where Trunkline and whatsmeow keep what they have. */
  store: StoreName
  /** Where the file of SQLite stays after the side has closed; a folder that goes with it unless given. */
  folder?: string
}

export type StoreName = 'memory' | 'sqlite'

export const STORE_NAMES: readonly StoreName[] = ['memory', 'sqlite']

/** `whatsmeow` is a program in Go, in the folder of that name, that speaks as `side-child.ts` does. */
export type SideName = 'bare' | 'trunkline' | 'whatsmeow'

export const SIDE_NAMES: readonly SideName[] = ['bare', 'trunkline', 'whatsmeow']
