import type { ApiKeys } from '../auth/api-keys.js'
import type { Handler } from '../handler.js'

type KeyRoute = 'listKeys' | 'createKey' | 'deleteKey'

/** Present only with Trunkline's own login, on a store that keeps keys. */
export function keyHandlers(keys: ApiKeys): { [Name in KeyRoute]: Handler<Name> } {
  return {
    listKeys: async ({ principal, query }) => ({ status: 200, body: await keys.list(principal, query) }),
    createKey: async ({ principal, body }) => ({ status: 201, body: await keys.create(principal, body) }),
    async deleteKey({ principal, params }) {
      await keys.remove(principal, params.keyId)
      return { status: 204, body: undefined }
    },
  }
}
