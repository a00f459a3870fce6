import type { Permission } from '@trunkline/contract'
import type { Role } from '@trunkline/core'

/** Who is calling, as an authenticator found out. */
export interface Principal {
  userId: string
  /** What they may do: viewer reads, operator also sends and manages, admin everything. */
  role: Role
  /** Only these of what the role may: an API key. */
  permissions?: readonly Permission[]
  /** The API key that stands for the user: it is no person, and makes neither keys nor passwords. */
  keyId?: string
  /** Which sessions exist for them; `*` is all. */
  sessionIds: readonly string[] | '*'
  /** When the proof they gave ends (ISO 8601): live connections are closed then. */
  expiresAt?: string
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>

export interface AuthenticationRequest {
  /** Names in lower case, as Node.js gives them. */
  headers: Headers
  /** The `auth` object of a Socket.IO handshake. Its `token` and `apiKey` are in `headers` as well. */
  handshake?: Readonly<Record<string, unknown>>
}

/** How a host with its own login plugs it in. `undefined`: nobody we know. Rejecting means that nobody can tell right now. */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Promise<Principal | undefined>
  /**
   * Has the listener told of each user whose rights may have changed, in this process, so that open sockets follow at once; they
   * are asked about every few seconds without it. Gives back what ends it.
   */
  onRightsChange?(listener: (userId: string) => void): () => void
}

/** The token of an `Authorization: Bearer …` header. */
export function bearerToken(headers: Headers): string | undefined {
  const header = headers.authorization
  return typeof header === 'string' ? /^Bearer +([^\s]+) *$/i.exec(header)?.[1] : undefined
}
