import type { Headers } from './auth/authenticator.js'

/** A request as any framework can give it. */
export interface ApiRequest {
  method: string
  /** Below the base path, still percent-encoded: `/sessions/shop`. */
  path: string
  query: URLSearchParams
  /** Names in lower case. */
  headers: Headers
  /** The bytes or the text as received, or what the host's JSON parser made of it; left out when there is none. */
  body?: unknown
  /** The caller's address, for throttling logins. */
  ip?: string
  /** Aborts when the caller went away. */
  signal?: AbortSignal
}

export interface ApiResponse {
  status: number
  headers: Record<string, string>
  body?: string | Uint8Array
}
