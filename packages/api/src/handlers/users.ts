import type { UserDirectory } from '../auth/user-directory.js'
import type { Handler } from '../handler.js'

type UserRoute = 'listUsers' | 'createUser' | 'getUser' | 'updateUser' | 'deleteUser'

/** Present only with Trunkline's own login. */
export function userHandlers(users: UserDirectory): { [Name in UserRoute]: Handler<Name> } {
  return {
    listUsers: async ({ principal, query }) => ({ status: 200, body: await users.list(principal, query) }),
    createUser: async ({ principal, body }) => ({ status: 201, body: await users.create(principal, body) }),
    getUser: async ({ principal, params }) => ({ status: 200, body: await users.get(principal, params.userId) }),
    async updateUser({ principal, params, body }) {
      return { status: 200, body: await users.update(principal, params.userId, body) }
    },
    async deleteUser({ principal, params }) {
      await users.remove(principal, params.userId)
      return { status: 204, body: undefined }
    },
  }
}
