import type { InstallationRecord, InstallationStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { Row } from './engine.js'

interface InstallationRow extends Row {
  record: string
}

/** The table has at most one row. */
export function createInstallationStore(connection: Connection): InstallationStore {
  return {
    async read() {
      const row = connection.engine.get<InstallationRow>('SELECT record FROM installation')
      return row && (JSON.parse(row.record) as InstallationRecord)
    },

    async replace(record) {
      const { revision } = record
      const text = JSON.stringify(record)
      const written = await connection.write(() =>
        revision === 1
          ? connection.engine.run(
              'INSERT INTO installation (id, revision, record) VALUES (1, 1, ?) ON CONFLICT DO NOTHING',
              text,
            )
          : connection.engine.run(
              'UPDATE installation SET revision = ?, record = ? WHERE revision = ?',
              revision,
              text,
              revision - 1,
            ),
      )
      return written === 1
    },
  }
}
