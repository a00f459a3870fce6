import type { Simulator } from '../simulator.js'
import type { SnapshotFile } from './snapshot-file.js'

/** At most this old is what a kill leaves behind, plus the time of one save. */
const SAVE_DELAY_MS = 50

export interface Saving {
  /** Ends it. Resolves when everything is saved. */
  stop(): Promise<void>
}

/** One save at a time, soon after the first change that it does not hold yet. */
export function saveOnChange(simulator: Simulator, file: SnapshotFile, onError: (error: unknown) => void): Saving {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()

  const save = () => {
    timer = undefined
    running = running.then(() => file.save(simulator.snapshot())).catch(onError)
  }
  const unsubscribe = simulator.onChange(() => {
    timer ??= setTimeout(save, SAVE_DELAY_MS)
  })
  return {
    async stop() {
      unsubscribe()
      clearTimeout(timer)
      save()
      await running
    },
  }
}
