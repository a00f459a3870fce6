import {
  ciphertextId,
  createSignalKeys,
  createSignalRepository,
  deleteUnchanged,
  installFastCurve,
} from '@trunkline/signal'
import type { SignalEngine } from '../baileys/signal-engine.js'
import type { Logger } from '../ports/logger.js'

/** `@trunkline/signal` as the connector wants it. */
export const trunklineSignal: SignalEngine & { installCurve(logger?: Pick<Logger, 'warn'>): void } = {
  ciphertextId,
  installCurve: (logger) => void installFastCurve(logger ? { logger } : {}),
  open(storage) {
    const keys = createSignalKeys(storage)
    const makeSignalRepository = createSignalRepository({ keys })
    const { journal } = makeSignalRepository
    if (!journal) throw new Error('The Signal repository was made without its journal')
    return {
      keys,
      makeSignalRepository,
      journal,
      deleteUnchanged: (judged, alongside) => deleteUnchanged(keys, judged, alongside),
    }
  },
}
