import { TrunklineError } from '@trunkline/core'
import type { ApiRequest } from '../request.js'
import type { Headers } from './authenticator.js'

const NAME = 'trunkline_refresh'

/** Pages send it with any value: a form and a link of another site cannot, and a script of one would have to ask first. */
const CSRF_HEADER = 'x-csrf-protection'

type Place = Pick<ApiRequest, 'basePath' | 'secure'>

/**
 * The refresh token where no script reads it. It goes to the routes of the login only, from pages of the same site only, and over TLS
 * only when it came over TLS.
 */
export function refreshCookie(token: string, place: Place, { maxAgeSeconds }: { maxAgeSeconds: number }): string {
  const base = place.basePath === undefined || place.basePath === '/' ? '' : place.basePath
  const attributes = ['HttpOnly', 'SameSite=Strict', `Path=${base}/auth`, `Max-Age=${maxAgeSeconds}`]
  if (place.secure) attributes.push('Secure')
  return `${NAME}=${token}; ${attributes.join('; ')}`
}

/** Has the browser forget it. */
export function noRefreshCookie(place: Place): string {
  return refreshCookie('', place, { maxAgeSeconds: 0 })
}

/**
 * The token of the cookie.
 *
 * @throws FORBIDDEN when the request could have been sent by a page of somebody else
 */
export function tokenOfCookie(headers: Headers): string | undefined {
  const pairs = [headers.cookie ?? []].flat().flatMap((header) => header.split(';'))
  const values = pairs.flatMap((pair) => {
    const [name, value = ''] = pair.split('=')
    return name?.trim() === NAME ? [value.trim()] : []
  })
  const [token] = values
  if (!token) return undefined
  if (headers[CSRF_HEADER] === undefined) {
    throw new TrunklineError('FORBIDDEN', { message: 'A request with the cookie needs the header X-CSRF-Protection' })
  }
  return token
}
