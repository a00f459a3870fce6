import type { Login } from '@trunkline/contract'
import type { Exclusively } from './page-lock.js'
import { type TokenStorage, tokensOf } from './tokens.js'
import type { CallOptions } from './types.js'

/** Of somebody who may be signed in; without `access` a swap tells whether they are. */
export interface Standing {
  access?: Pick<Login, 'accessToken' | 'expiresAt'>
}

/** A login where it is kept, and how it goes on. `undefined`: nobody is signed in. */
export interface KeptLogin {
  read(): Promise<Standing | undefined>
  take(login: Login): Promise<void>
  /** Swaps the refresh token for new tokens, and keeps them. */
  swap(): Promise<Standing | undefined>
  /** Here at once, whatever becomes of it at the server. */
  end(call: CallOptions): Promise<void>
}

/** What a kept login asks of the server. */
export interface LoginCalls {
  /** Without a token both go by the cookie. */
  refresh(refreshToken: string | undefined): Promise<Login>
  signOut(refreshToken: string | undefined, call: CallOptions): Promise<void>
}

/** Both tokens in a storage. */
export function storedLogin(storage: TokenStorage, { refresh, signOut }: LoginCalls): KeptLogin {
  const read = async (): Promise<Standing | undefined> => {
    const tokens = await storage.load()
    return tokens && { access: tokens }
  }
  return {
    read,
    async take(login) {
      await storage.save(tokensOf(login))
    },
    async swap() {
      const tokens = await storage.load()
      if (!tokens) return undefined
      try {
        const next = tokensOf(await refresh(tokens.refreshToken))
        await storage.save(next)
        return { access: next }
      } catch (error) {
        if (!isRefusal(error)) throw error
        // Another process, or another page, may have swapped it meanwhile and kept the new ones in the same place.
        const now = await storage.load()
        if (now && now.refreshToken !== tokens.refreshToken) return { access: now }
        await storage.save(undefined)
        return undefined
      }
    },
    async end(call) {
      const tokens = await storage.load()
      await storage.save(undefined)
      if (tokens) await signOut(tokens.refreshToken, call)
    },
  }
}

/**
 * The access token in memory, the refresh token in a cookie that no script reads. Whether there is one, only the server can tell: a
 * page that was loaded again asks it with the first call. Pages of one browser share the cookie, and a token that is swapped twice
 * ends the login, so they swap one after the other.
 */
export function cookieLogin({ refresh, signOut }: LoginCalls, exclusively: Exclusively): KeptLogin {
  let standing: Standing | undefined = {}
  return {
    read: async () => standing,
    async take({ accessToken, expiresAt }) {
      standing = { access: { accessToken, expiresAt } }
    },
    async swap() {
      try {
        const { accessToken, expiresAt } = await exclusively(() => refresh(undefined))
        standing = { access: { accessToken, expiresAt } }
      } catch (error) {
        if (!isRefusal(error)) throw error
        standing = undefined
      }
      return standing
    },
    async end(call) {
      standing = undefined
      await signOut(undefined, call)
    },
  }
}

/** The token is not good any more, or (400) there is no cookie. */
function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && [400, 401].includes(Number(error.status))
}
