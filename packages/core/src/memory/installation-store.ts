import type { InstallationRecord, InstallationStore } from '../ports/installation-store.js'
import { copyOf } from '../util/copy.js'

export function createInstallationStore(): InstallationStore {
  let kept: InstallationRecord | undefined

  return {
    async read() {
      return copyOf(kept)
    },

    async replace(record) {
      if ((kept?.revision ?? 0) !== record.revision - 1) return false
      kept = copyOf(record)
      return true
    },
  }
}
