import type { Jid } from '../types/jid.js'
import type { LabelRecord } from '../types/label.js'
import type { Message } from '../types/message.js'

/**
 * What a connection does to the labels of an account, where all its devices see it. Each change resolves when WhatsApp has taken it,
 * and rejects with CHAT_CHANGE_FAILED · CONNECTION_LOST · SESSION_NOT_CONNECTED.
 */
export interface LabelConnection {
  /**
   * Reads all of them from the beginning: each comes as a `label` event, with all that carries it. Answers the ids, those of labels
   * that are no more among them. @throws CONNECTION_LOST · SESSION_NOT_CONNECTED
   */
  readAll(): Promise<string[]>
  /** Makes, changes or ends a label. */
  write(label: LabelRecord): Promise<void>
  /** Puts a label on a chat, or on one message of it, or takes it off. */
  attach(labelId: string, to: { chatId: Jid; message?: Message; labeled: boolean }): Promise<void>
}
