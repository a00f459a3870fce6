import type { IncomingMessage } from 'node:http'
import { isIPv4 } from 'node:net'

export interface Refusal {
  status: 403 | 415
  code: 'FORBIDDEN' | 'UNSUPPORTED_MEDIA_TYPE'
  message: string
}

/**
 * Pure. A page that somebody has open must not own the accounts in here: not by a request across origins, not by a name
 * of its own that it has pointed to this machine, and not by a form.
 */
export function refusalOf({ headers }: Pick<IncomingMessage, 'headers'>): Refusal | undefined {
  // Only browsers send it.
  if (headers.origin !== undefined) {
    return { status: 403, code: 'FORBIDDEN', message: 'Web pages have no business here' }
  }
  if (!isLoopback(headers.host)) {
    return { status: 403, code: 'FORBIDDEN', message: 'Host must be 127.0.0.1, [::1] or localhost' }
  }
  if (hasBody(headers) && !isJson(headers['content-type'])) {
    return { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message: 'A body is application/json' }
  }
  return undefined
}

function isLoopback(host: string | undefined): boolean {
  const name = host?.replace(/:\d*$/, '').toLowerCase()
  return name === 'localhost' || name === '[::1]' || (name !== undefined && isIPv4(name) && name.startsWith('127.'))
}

const hasBody = (headers: IncomingMessage['headers']): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const isJson = (type: string | undefined): boolean =>
  type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'
