import type { Login } from '@trunkline/contract'
import { ClientError } from './client-error.js'
import { TABLE } from './contract-table.js'
import { cookieLogin, type LoginCalls, storedLogin } from './kept-login.js'
import { LiveEvents, type LiveOptions } from './live-events.js'
import { lockedByName } from './page-lock.js'
import { pagePromise } from './pages.js'
import { callOf } from './request.js'
import { SignIn } from './sign-in.js'
import type { TableRoute } from './table.js'
import { memoryStorage, type TokenStorage } from './tokens.js'
import { Transport } from './transport.js'
import type { Areas, CallOptions } from './types.js'

export interface ClientOptions {
  /** Where the interface is mounted: `https://example.org/api`. */
  baseUrl: string
  /** A key for machines, instead of signing in. */
  apiKey?: string
  /** Where the tokens of `signIn` are kept; in memory unless given. */
  storage?: TokenStorage
  /**
   * For pages of the same site, instead of a `storage`: the refresh token stays in a cookie that no script can read, and the access
   * token in memory. Who was signed in before the page was loaded still is.
   */
  cookie?: boolean
  /** How long one try may take until its answer begins; 30 seconds unless given. */
  timeoutMs?: number
  /** How often a call is tried again where that is safe; twice unless given. */
  maxRetries?: number
  /** Sent with every call. */
  headers?: Readonly<Record<string, string>>
  /** Takes the place of the global one. */
  fetch?: typeof fetch
  /** For `client.events.on`. */
  live?: LiveOptions
}

/** Every route by its area, and what goes over several of them. */
export interface Client extends Omit<Areas, 'events'> {
  /** The log of events by `list`, and events as they happen by `on`. */
  readonly events: Areas['events'] & LiveEvents
  /** Signs in; from then on calls are made in this name, with tokens that are swapped in time. */
  signIn(credentials: { email: string; password: string }, options?: CallOptions): Promise<Login>
  /** Ends the login here and at the server. */
  signOut(options?: CallOptions): Promise<void>
  /** Ends live events. Calls that are on their way are left alone. */
  close(): void
}

const TIMEOUT_MS = 30_000
const MAX_RETRIES = 2

/** A client of one Trunkline server. */
export function createClient(options: ClientOptions): Client {
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const { cookie = false } = options
  const calls: LoginCalls = {
    refresh: (refreshToken) => areas.auth.refresh({ refreshToken }),
    signOut: (refreshToken, call) => areas.auth.signOut({ refreshToken }, call),
  }
  const login = cookie
    ? cookieLogin(calls, lockedByName(`trunkline ${baseUrl}`))
    : storedLogin(options.storage ?? memoryStorage(), calls)
  const signIn = new SignIn(login, Date.now)
  const transport = new Transport(
    {
      baseUrl,
      apiKey: options.apiKey,
      cookie,
      headers: options.headers ?? {},
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxRetries: options.maxRetries ?? MAX_RETRIES,
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      now: Date.now,
    },
    signIn,
  )
  const areas = areasOf(transport)
  const live = new LiveEvents({
    options: options.live,
    url: options.live?.url ?? new URL(baseUrl).origin,
    apiKey: options.apiKey,
    accessToken: (refused) => signIn.accessToken(refused),
    sessionIds: () => idsOf(areas),
  })

  async function begin(asked: Promise<Login>): Promise<Login> {
    const login = await asked
    await signIn.take(login)
    return login
  }

  return {
    ...areas,
    events: Object.assign(live, areas.events),
    auth: {
      ...areas.auth,
      // Every login from before has ended, this one's too.
      changePassword: (passwords, call) => begin(areas.auth.changePassword({ ...passwords, cookie }, call)),
    },
    signIn: (credentials, call) => begin(areas.auth.login({ ...credentials, cookie }, call)),
    signOut: (call = {}) => signIn.end(call),
    close() {
      live.close()
    },
  }
}

/** The table says which methods there are, and its types what they take and give. */
function areasOf(transport: Transport): Areas {
  const areas = Object.entries(TABLE).map(([area, methods]) => [
    area,
    Object.fromEntries(Object.entries(methods).map(([name, route]) => [name, methodOf(route, transport)])),
  ])
  return Object.fromEntries(areas) as Areas
}

function methodOf(route: TableRoute, transport: Transport) {
  const { pagedBy } = route
  const answer = async (call: ReturnType<typeof callOf>): Promise<unknown> => {
    const response = await transport.send(call)
    return await contentOf(response, call)
  }
  return (...input: unknown[]) => {
    const call = callOf(route, input)
    if (pagedBy === undefined) return answer(call)
    const next = (cursor: string) => answer({ ...call, query: { ...call.query, [pagedBy]: cursor } })
    return pagePromise(answer(call) as never, next as never)
  }
}

async function contentOf(response: Response, { route, options }: ReturnType<typeof callOf>): Promise<unknown> {
  if (response.status === 204) return undefined
  const wanted = options.accept ?? route.accept[0]
  if (wanted !== 'application/json') return response
  try {
    return await response.json()
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason
    throw new ClientError('ANSWER_UNKNOWN', { message: 'The answer is not JSON', status: response.status, cause })
  }
}

async function idsOf({ sessions }: Areas): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of sessions.list({ limit: 200 })) ids.push(id)
  return ids
}
