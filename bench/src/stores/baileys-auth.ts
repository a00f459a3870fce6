import { type AuthenticationState, BufferJSON, type SignalDataSet } from '@whiskeysockets/baileys'
import type { Subject } from './subjects.js'

/** What the `use…AuthState` functions of this world answer. */
export interface BaileysAuth {
  state: AuthenticationState
  saveCreds(): Promise<unknown>
}

/**
 * An auth state for Baileys, given what Baileys would give it: its values by type and id. The journal of decrypted messages,
 * which only Trunkline has, is left out.
 */
export function baileysAuth(open: (session: string) => Promise<BaileysAuth>): Subject['auth'] {
  const opened = new Map<string, Promise<BaileysAuth>>()
  const of = (session: string) => {
    const auth = opened.get(session) ?? open(session)
    opened.set(session, auth)
    return auth
  }
  return {
    async readCreds(session) {
      await open(session)
      return undefined
    },
    async readKeys(session, type, ids) {
      const { state } = await of(session)
      const found = await state.keys.get(type as keyof SignalDataSet & 'session', [...ids])
      return new Map(Object.entries(found).flatMap(([id, value]) => (value ? [[id, new Uint8Array()]] : [])))
    },
    async commit(session, { creds, puts = [], deletes = [] }) {
      const { state, saveCreds } = await of(session)
      const changes: Record<string, Record<string, unknown>> = {}
      for (const { type, id, value } of puts) changes[type] = { ...changes[type], [id]: shapeOf(value) }
      for (const { type, id } of deletes) changes[type] = { ...changes[type], [id]: null }
      delete changes.inbox
      if (Object.keys(changes).length > 0) await state.keys.set(changes as SignalDataSet)
      if (creds) await saveCreds()
    },
  }
}

/** The workload's values are JSON. */
function shapeOf(value: Uint8Array): unknown {
  return JSON.parse(Buffer.from(value).toString('utf8'), BufferJSON.reviver)
}
