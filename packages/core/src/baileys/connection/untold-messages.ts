import type { AuthenticationCreds, WASocket } from '@whiskeysockets/baileys'
import type { ConnectionEvent } from '../../ports/connector.js'
import type { Logger } from '../../ports/logger.js'
import type { AwaitedMessages } from './awaited-messages.js'
import { ConnectionEvents } from './connection-events.js'
import type { InboundJournal } from './inbound-journal.js'

export interface UntoldMessagesParts {
  journal: InboundJournal
  awaited: AwaitedMessages
  logger: Logger
  emit(event: ConnectionEvent): void
}

/** Messages that Baileys has decrypted and confirmed, and that nobody was told of: a crash came first, or Baileys has stumbled over them. */
export class UntoldMessages {
  readonly #parts: UntoldMessagesParts

  constructor(parts: UntoldMessagesParts) {
    this.#parts = parts
  }

  /** Announces what was decrypted before a crash and is not known to be stored. */
  async drain({ me }: AuthenticationCreds): Promise<void> {
    if (!me) return
    const { journal, emit } = this.#parts
    for (const { id, message } of await journal.drain(me)) {
      const inbound = message && ConnectionEvents.recovered(message, me.lid ?? me.id)
      const settle = async () => journal.settle([id])
      if (inbound) emit({ type: 'messages', inbound: [{ ...inbound, drained: true, settle }] })
      else if (message) journal.postpone(id, message)
      else await settle()
    }
  }

  /** The message over which Baileys has stumbled: a reaction to nothing is enough. The journal keeps it for the next connection, too. */
  async stumbledOver(messageId: string, { me }: AuthenticationCreds) {
    const { journal, logger } = this.#parts
    try {
      return me && (await journal.untold(messageId, me))
    } catch (error) {
      logger.debug({ err: error }, 'A message that Baileys stumbled over could not be read from the journal')
    }
  }

  /** A history, a key or a mapping that Baileys had confirmed before a crash and not carried out: it does so now. */
  async finish(socket: WASocket): Promise<void> {
    const { journal, awaited, logger } = this.#parts
    for (const message of journal.finish()) {
      await socket.messageMutex
        .mutex(() => socket.upsertMessage(message, 'append'))
        .catch((error: unknown) => logger.debug({ err: error }, 'A message could not be finished'))
    }
    await awaited.ask(socket).catch((error: unknown) => {
      logger.debug({ err: error }, 'The phone could not be asked for the content of messages')
    })
  }
}
