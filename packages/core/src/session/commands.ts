import type { CollectedKeys } from '../ports/connector.js'
import type { ChatDeed } from '../types/chat.js'
import type { ContactRequest, ContactResultOf } from '../types/contact-request.js'
import type { SendData } from '../types/content.js'
import type { GroupRequest, GroupResultOf } from '../types/group-request.js'
import type { Jid } from '../types/jid.js'
import type { LabelRequest, LabelResultOf } from '../types/label.js'
import type { EventAnswer, Message, MessageRef } from '../types/message.js'
import type { NewsletterRequest, NewsletterResultOf } from '../types/newsletter.js'
import type { ProfileRequest, ProfileResultOf } from '../types/profile-request.js'
import type { Queue } from '../types/queue.js'
import type { HealthCheckResult, PairingCode, Qr } from '../types/session.js'
import type { BatchOutcome } from './queue-intake.js'

/**
 * What can be asked of a session, as data: JSON carries it to whichever node owns the session, and its result back. What cannot
 * travel, such as an AbortSignal, stands beside the command.
 */
export type SessionCommand =
  | { kind: 'start' }
  /** As `start`, unless somebody has stopped the session meanwhile. */
  | { kind: 'resume' }
  | { kind: 'stop' }
  | { kind: 'restart' }
  /** `reason`: what the archive of the credentials is kept under. */
  | { kind: 'logout'; reason: string }
  /** `quietly`: whoever asks tells of it. */
  | { kind: 'delete'; reason: string; quietly?: true }
  | { kind: 'reset-attempts' }
  | { kind: 'health-check'; timeoutMs?: number }
  | { kind: 'qr' }
  /** `phone`: digits only. */
  | { kind: 'pairing-code'; phone: string }
  | { kind: 'send'; message: SendData }
  /** Each is queued. */
  | { kind: 'send-batch'; messages: SendData[] }
  | { kind: 'cancel-message'; ref: MessageRef }
  /** Ends a message that is still queued as `expired`: its time has passed. */
  | { kind: 'expire-message'; messageId: string }
  /** Cancels all that is queued. */
  | { kind: 'clear-queue' }
  /** What only the node knows that sends. */
  | { kind: 'queue-state' }
  /** `ref`: of one message that is stored, under canonical ids. An empty emoji takes the reaction back. */
  | { kind: 'react'; ref: MessageRef; emoji: string }
  | { kind: 'edit'; ref: MessageRef; text: string; mentions?: string[] }
  | { kind: 'delete-message'; ref: MessageRef }
  /** The whole choice; no option takes the vote back. */
  | { kind: 'vote'; ref: MessageRef; options: string[] }
  | ({ kind: 'respond'; ref: MessageRef } & EventAnswer)
  | { kind: 'star'; ref: MessageRef; starred: boolean }
  /** For the account alone. */
  | { kind: 'remove-message'; ref: MessageRef }
  /** `chatId`: canonical, of a chat that is stored. */
  | { kind: 'chat'; chatId: Jid; deed: ChatDeed }
  /** Brings the file of a message into the store. */
  | { kind: 'fetch-media'; ref: MessageRef }
  | { kind: 'collect-keys' }
  | { kind: 'groups'; request: GroupRequest }
  | { kind: 'contacts'; request: ContactRequest }
  | { kind: 'profile'; request: ProfileRequest }
  | { kind: 'newsletters'; request: NewsletterRequest }
  | { kind: 'labels'; request: LabelRequest }

/** What of a queue is in the memory of whoever sends what waits in it. */
export type QueueState = Pick<Queue, 'waitingFor'> & Partial<Pick<Queue, 'used' | 'limits' | 'restrictions'>>

interface Results {
  'health-check': HealthCheckResult
  qr: Qr
  'pairing-code': PairingCode
  send: Message
  'send-batch': BatchOutcome[]
  'cancel-message': Message
  'clear-queue': number
  'queue-state': QueueState
  react: Message
  edit: Message
  'delete-message': Message
  vote: Message
  respond: Message
  star: Message
  'remove-message': Message
  'collect-keys': CollectedKeys
}

/** What a command answers; those that only change the session answer nothing. */
export type ResultOf<Command extends SessionCommand> = Command extends { kind: 'groups'; request: infer Request }
  ? GroupResultOf<Extract<Request, GroupRequest>>
  : Command extends { kind: 'contacts'; request: infer Request }
    ? ContactResultOf<Extract<Request, ContactRequest>>
    : Command extends { kind: 'profile'; request: infer Request }
      ? ProfileResultOf<Extract<Request, ProfileRequest>>
      : Command extends { kind: 'newsletters'; request: infer Request }
        ? NewsletterResultOf<Extract<Request, NewsletterRequest>>
        : Command extends { kind: 'labels'; request: infer Request }
          ? LabelResultOf<Extract<Request, LabelRequest>>
          : Command['kind'] extends keyof Results
            ? Results[Command['kind']]
            : undefined

export interface CommandOptions {
  /** The bytes of a file that is sent, where they are given. */
  file?: AsyncIterable<Uint8Array>
  /** Gives the waiting up; what was done until then stays done. */
  signal?: AbortSignal
}
