import { contactSearchText } from '@trunkline/core/store'
import type { Engine, Row } from './engine.js'

interface NamedContact extends Row {
  session_id: string
  id: string
  name: string | null
  push_name: string | null
}

/** Gives contacts the form in which their names are searched. Not in SQL, whose lower() knows the letters of English only. */
export function searchContacts(engine: Engine): void {
  engine.exec(`ALTER TABLE contacts ADD COLUMN search TEXT NOT NULL DEFAULT ''`)
  for (const row of engine.all<NamedContact>('SELECT session_id, id, name, push_name FROM contacts')) {
    const { name, push_name: pushName } = row
    const search = contactSearchText({ ...(name ? { name } : {}), ...(pushName ? { pushName } : {}) })
    engine.run('UPDATE contacts SET search = ? WHERE session_id = ? AND id = ?', search, row.session_id, row.id)
  }
}
