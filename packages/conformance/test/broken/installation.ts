import type { InstallationRecord } from '@trunkline/core/store'
import { type BrokenStore, cached, installation, onceReopened, tick } from './broken-store.js'

/** What a store with a record of its own, written without looking, keeps. */
const unguarded = (isRight: (kept: InstallationRecord | undefined, record: InstallationRecord) => boolean) =>
  installation(() => {
    let kept: InstallationRecord | undefined
    return {
      read: async () => structuredClone(kept),
      async replace(record) {
        const known = kept
        await tick()
        if (!isRight(known, record)) return false
        kept = structuredClone(record)
        return true
      },
    }
  })

export const BROKEN_INSTALLATION: BrokenStore[] = [
  {
    name: 'hands out the record that it keeps',
    caughtBy: 'is not there until something was set, and then exactly as it was',
    wrap: installation(() => {
      let kept: InstallationRecord | undefined
      return {
        read: async () => kept,
        async replace(record) {
          kept = structuredClone(record)
          return true
        },
      }
    }),
  },
  {
    name: 'looks whether there is one and does not look again',
    caughtBy: 'is made once, of many at once too',
    wrap: unguarded((kept, { revision }) => (kept?.revision ?? 0) === revision - 1),
  },
  {
    name: 'compares the revision with what it read a moment before',
    caughtBy: 'is replaced by the next revision alone, of many at once too',
    wrap: unguarded((kept, { revision }) => (kept?.revision ?? 0) === revision - 1),
  },
  {
    name: 'keeps what is set in memory',
    caughtBy: 'is there after close and open',
    wrap: onceReopened(installation(() => ({ read: async () => undefined }))),
  },
  {
    name: 'answers installation.read from a cache that only its own writes refresh',
    caughtBy: 'shows in one instance what another has set',
    wrap: installation((port) => cached(port, 'read', ['replace'])),
  },
  {
    name: 'lets the errors of its engine through when it is asked what is set',
    caughtBy: 'rejects with STORE_UNAVAILABLE while the engine does not answer',
    wrap: (store, { failing }) =>
      failing ? installation(() => ({ read: () => Promise.reject(new Error('ECONNRESET')) }))(store) : store,
  },
]
