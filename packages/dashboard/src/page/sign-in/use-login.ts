import { type Client, createClient } from '@trunkline/client'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { io } from 'socket.io-client'
import { fetchWithProgress } from '../../react/conversation/uploads.js'
import type { User } from '../../react/types.js'
import { readSettings } from '../settings.js'
import { isSamplePassword } from './sample-passwords.js'

export type Login =
  /** Whether somebody is signed in still is found out. */
  | { state: 'unknown' }
  /** `ended`: somebody was, until the server ended it. */
  | { state: 'nobody'; ended: boolean }
  /** The server cannot say. */
  | { state: 'failed'; error: unknown }
  /** `mustChange`: the password that was typed stands in an example. */
  | { state: 'somebody'; user: User; mustChange?: string }

export interface LoginControl {
  login: Login
  client: Client
  signIn(email: string, password: string): Promise<void>
  signOut(): void
  /** Other places where the user is signed in are signed out; this one goes on. */
  changePassword(password: string, newPassword: string): Promise<void>
  /** Looks again who is signed in. */
  look(): void
  /** The password was changed, or will be another time. */
  passwordDone(): void
}

export function useLogin(): LoginControl {
  const [login, setLogin] = useState<Login>({ state: 'unknown' })
  const client = useMemo(
    () => newClient(() => setLogin((before) => ({ state: 'nobody', ended: before.state === 'somebody' }))),
    [],
  )

  const look = useCallback(() => {
    setLogin({ state: 'unknown' })
    void whoIs(client).then(setLogin)
  }, [client])
  useEffect(look, [look])

  return {
    login,
    client,
    look,
    async signIn(email, password) {
      const { user } = await client.signIn({ email, password })
      setLogin({ state: 'somebody', user, ...(isSamplePassword(password) ? { mustChange: password } : {}) })
    },
    signOut() {
      client.close()
      setLogin({ state: 'nobody', ended: false })
      // The page is left in any case; what the server has not heard ends by itself.
      client.signOut().catch(() => {})
    },
    async changePassword(password, newPassword) {
      await client.auth.changePassword({ password, newPassword })
    },
    passwordDone: () => setLogin((now) => (now.state === 'somebody' ? { state: 'somebody', user: now.user } : now)),
  }
}

async function whoIs(client: Client): Promise<Login> {
  try {
    return { state: 'somebody', user: await client.auth.me() }
  } catch (error) {
    const isNobody = typeof error === 'object' && error !== null && 'status' in error && error.status === 401
    return isNobody ? { state: 'nobody', ended: false } : { state: 'failed', error }
  }
}

/** The refresh token stays in a cookie that no script reads: another tab is signed in too, and a reload keeps it. */
function newClient(onEnd: () => void): Client {
  const { apiUrl, socketPath } = readSettings()
  return createClient({
    baseUrl: apiUrl,
    cookie: true,
    live: { io, path: socketPath },
    async fetch(input, init) {
      const response = await fetchWithProgress(input, init)
      const isRefresh = new URL(input instanceof Request ? input.url : input).pathname.endsWith('/auth/refresh')
      if (isRefresh && response.status >= 400 && response.status < 500 && response.status !== 429) onEnd()
      return response
    },
  })
}
