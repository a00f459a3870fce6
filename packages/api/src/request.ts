import type { Headers } from './auth/authenticator.js'

/** A request as any framework can give it. */
export interface ApiRequest {
  method: string
  /** Below the base path, still percent-encoded: `/sessions/shop`. */
  path: string
  query: URLSearchParams
  /** Where the interface is mounted, `/api` for example: its document says so. */
  basePath?: string
  /** Names in lower case. */
  headers: Headers
  /**
   * The bytes or the text as received, what the host's JSON parser made of it, or, best, a stream of bytes that nobody has read
   * yet (`AsyncIterable<Uint8Array>`): it is read after the caller was let in, up to a limit of size and time. What is not read
   * of it is the host's to drop. Left out when there is none.
   */
  body?: unknown
  /** The caller's address, for throttling logins and for the audit log. */
  ip?: string
  /** Whether the request came over TLS, to the host or to a proxy that it trusts. */
  secure?: boolean
  /** Aborts when the caller went away. */
  signal?: AbortSignal
}

export interface ApiResponse {
  status: number
  headers: Record<string, string>
  /** A stream is read by the host as fast as the caller takes it; whoever stops early calls its `return`, as `for await` does. */
  body?: string | Uint8Array | AsyncIterable<Uint8Array>
}
