import { ciphertextId, createSignalKeys, createSignalRepository, installFastCurve } from '@trunkline/signal'
import type { SignalEngine } from './baileys/signal-engine.js'

/** `@trunkline/signal` as the connector wants it. */
export const trunklineSignal: SignalEngine & { installCurve(): void } = {
  ciphertextId,
  installCurve: () => void installFastCurve(),
  open(storage) {
    const keys = createSignalKeys(storage)
    const makeSignalRepository = createSignalRepository({ keys })
    const { journal } = makeSignalRepository
    if (!journal) throw new Error('The Signal repository was made without its journal')
    return { keys, makeSignalRepository, journal }
  },
}
