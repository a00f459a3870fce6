import type { InstallationRecord, InstallationStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { isDuplicateKey } from './errors.js'

const _id = 'installation'

export function createInstallationStore(connection: Connection): InstallationStore {
  return {
    async read() {
      const document = await connection.collections.installation.findOne({ _id })
      return document ? (JSON.parse(document.record) as InstallationRecord) : undefined
    },

    async replace(record) {
      const { revision } = record
      const content = { revision, record: JSON.stringify(record) }
      if (revision === 1) return insert(content)
      const before = { _id, revision: revision - 1 } as const
      const { matchedCount } = await connection.collections.installation.updateOne(before, { $set: content })
      return matchedCount === 1
    },
  }

  async function insert(content: { revision: number; record: string }): Promise<boolean> {
    try {
      await connection.collections.installation.insertOne({ _id, ...content })
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false
      throw error
    }
  }
}
