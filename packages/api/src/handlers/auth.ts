import type { BegunLogin, LoginService } from '../auth/login.js'
import { noRefreshCookie, refreshCookie, tokenOfCookie } from '../auth/refresh-cookie.js'
import type { Handler } from '../handler.js'
import { invalid } from '../input.js'
import { onlyPeople } from '../policy.js'
import type { ApiRequest } from '../request.js'

type AuthHandlers = { [Name in 'login' | 'refresh' | 'signOut' | 'changePassword' | 'me']: Handler<Name> }

/** Present only with Trunkline's own login: a host with its own has its own routes for this. */
export function authHandlers(login: LoginService): AuthHandlers {
  return {
    async login({ body: { cookie = false, ...credentials }, note, ...request }) {
      const about = (targetId?: string) => note(targetId === undefined ? {} : { targetId })
      const begun = await login.signIn(credentials, { address: request.ip, about })
      note({ userId: begun.user.id, targetId: begun.user.id })
      return answer(begun, { cookie, request })
    },
    async refresh({ body, headers, note, ...request }) {
      const token = body.refreshToken ?? tokenOfCookie(headers)
      if (token === undefined) throw invalid([{ field: 'refreshToken', message: 'is needed, here or as a cookie' }])
      const next = await login.refresh(token, { onReuse: () => note({}) })
      note({ userId: next.user.id })
      return answer(next, { cookie: body.refreshToken === undefined, request })
    },
    async signOut({ body, headers, note, ...request }) {
      const token = body.refreshToken ?? tokenOfCookie(headers)
      const userId = token === undefined ? undefined : await login.signOut(token)
      if (userId !== undefined) note({ userId })
      const cookie = body.refreshToken === undefined && token !== undefined
      return {
        status: 204,
        body: undefined,
        ...(cookie ? { headers: { 'set-cookie': noRefreshCookie(request) } } : {}),
      }
    },
    async changePassword({ principal, body: { cookie = false, ...passwords }, ...request }) {
      onlyPeople(principal)
      return answer(await login.changePassword(principal.userId, passwords, request.ip), { cookie, request })
    },
    me: async ({ principal }) => ({ status: 200, body: await login.user(principal.userId) }),
  }

  function answer(
    { refreshToken, ...begun }: BegunLogin,
    { cookie, request }: { cookie: boolean; request: Pick<ApiRequest, 'basePath' | 'secure'> },
  ) {
    if (!cookie) return { status: 200 as const, body: { ...begun, refreshToken } }
    const { refreshTokenSeconds: maxAgeSeconds } = login
    return {
      status: 200 as const,
      body: begun,
      headers: { 'set-cookie': refreshCookie(refreshToken, request, { maxAgeSeconds }) },
    }
  }
}
