import type { BaileysLogger, SocketConfig } from './baileys-internals.js'
import { InboxJournal, type InboxJournalOptions } from './inbox-journal.js'
import type { KeyStorage } from './key-storage.js'
import { WasmSignalRepository } from './repository.js'
import { type AccountKeys, accountOf } from './signal-keys.js'

export interface SignalRepositoryOptions {
  /** The store, or what `createSignalKeys` made of it. Not the keys Baileys wraps: those commit too late. */
  keys: KeyStorage
  /** The inbox journal; `false` keeps none. */
  inbox?: InboxJournalOptions | false
  /** Instead of the socket's logger. */
  logger?: BaileysLogger
}

/** What to give to `makeWASocket` as `makeSignalRepository`. */
export interface SignalRepositoryFactory {
  (...args: Parameters<SocketConfig['makeSignalRepository']>): ReturnType<SocketConfig['makeSignalRepository']>
  /** The journal of the account; undefined with `inbox: false`. */
  readonly journal: InboxJournal | undefined
}

const journals = new WeakMap<AccountKeys, InboxJournal>()

/**
 * A Signal repository for `makeWASocket`:
 *
 *     makeWASocket({ auth: { creds, keys }, makeSignalRepository: createSignalRepository({ keys }) })
 *
 * It reads and writes `options.keys` itself and leaves the transaction-wrapped keys it is called with alone. Several
 * sockets of one account, one after the other, may use the same factory or factories of the same `keys`.
 */
export function createSignalRepository(options: SignalRepositoryOptions): SignalRepositoryFactory {
  const keys = accountOf(options.keys)
  const journal = options.inbox === false ? undefined : journalOf(keys, options.inbox)
  const factory: SocketConfig['makeSignalRepository'] = (auth, logger, pnToLIDFunc) =>
    new WasmSignalRepository({
      keys,
      creds: auth.creds,
      logger: options.logger ?? logger,
      journal,
      ...(pnToLIDFunc ? { askServerForLids: pnToLIDFunc } : {}),
    })
  return Object.assign(factory, { journal })
}

function journalOf(keys: AccountKeys, options?: InboxJournalOptions): InboxJournal {
  let journal = journals.get(keys)
  if (!journal) {
    journal = new InboxJournal(keys, options)
    journals.set(keys, journal)
  }
  return journal
}
