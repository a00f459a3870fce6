import type { Jid } from './jid.js'
import type { MessageRef } from './message.js'

/** A label of WhatsApp Business, or a list of chats that somebody has made on the phone. */
export interface Label {
  /** WhatsApp's own: a whole number, as a text. It is never given to another label of the account. */
  id: string
  sessionId: string
  name: string
  /** The place of its colour among those that phones offer, from 0. */
  color: number
}

/** What a label is made of. `color`: 0 unless given. */
export interface NewLabel {
  name: string
  color?: number
}

/** What of a label is to change; what is left out stays. */
export type LabelChanges = Partial<NewLabel>

/** A label as stores keep it, after its end too: its id is not given away again. */
export interface LabelRecord extends Omit<Label, 'sessionId'> {
  deleted: boolean
}

/** What can be asked of the labels of a session, as data. */
export type LabelRequest =
  | { do: 'create'; name: string; color: number }
  | { do: 'update'; id: string; changes: LabelChanges }
  | { do: 'delete'; id: string }
  /** `chatId`: canonical, of a chat that is stored. */
  | { do: 'chat'; id: string; chatId: Jid; labeled: boolean }
  /** `ref`: of one message that is stored, under canonical ids. */
  | { do: 'message'; id: string; ref: MessageRef; labeled: boolean }

/** What a request answers. */
export type LabelResultOf<Request extends LabelRequest> = Request extends { do: 'create' | 'update' }
  ? Label
  : undefined
