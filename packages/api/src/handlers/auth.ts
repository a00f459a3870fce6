import type { LoginService } from '../auth/login.js'
import type { Handler } from '../handler.js'
import { onlyPeople } from '../policy.js'

type AuthHandlers = { [Name in 'login' | 'refresh' | 'signOut' | 'changePassword' | 'me']: Handler<Name> }

/** Present only with Trunkline's own login: a host with its own has its own routes for this. */
export function authHandlers(login: LoginService): AuthHandlers {
  return {
    login: async ({ body, ip }) => ({ status: 200, body: await login.signIn(body, ip) }),
    refresh: async ({ body }) => ({ status: 200, body: await login.refresh(body.refreshToken) }),
    signOut: async ({ body }) => {
      await login.signOut(body.refreshToken)
      return { status: 204, body: undefined }
    },
    async changePassword({ principal, body, ip }) {
      onlyPeople(principal)
      return { status: 200, body: await login.changePassword(principal.userId, body, ip) }
    },
    me: async ({ principal }) => ({ status: 200, body: await login.user(principal.userId) }),
  }
}
