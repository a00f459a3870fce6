import { randomUUID } from 'node:crypto'
import type { Headers } from './auth/authenticator.js'

/** What may stand in logs and answers as it came: no blanks, no signs that mean anything to anybody. */
const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/

/** The id of a request: that of `X-Request-Id` when it is sane, so that logs of several hosts can be held together; else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && SANE.test(given) ? given : randomUUID()
}
