import type { z } from 'zod'

/** A name as browsers send it: letters, digits, dots and hyphens, or an IPv6 address. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/
/** What apps on phones and desktops send: `capacitor://localhost`. `URL` knows no origin for these. */
const APP_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(?::\d{1,5})?$/
const WEB = ['http:', 'https:']

/** `*`, or origins with commas in between, as browsers send them. What no browser could ever send is an issue. */
export function parseOrigins(text: string, context: z.RefinementCtx): '*' | string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  if (parts.length === 1 && parts[0] === '*') return '*'
  if (parts.length === 0) context.addIssue('names no origin')
  const origins = parts.map((part, index) => {
    const { origin, problem } = readOrigin(part)
    if (problem) context.addIssue(parts.length === 1 ? problem : `${problem} (entry ${index + 1} of ${parts.length})`)
    return origin ?? ''
  })
  return [...new Set(origins)]
}

function readOrigin(part: string): { origin: string; problem?: undefined } | { origin?: undefined; problem: string } {
  if (part === '*') return { problem: 'has * beside origins: it stands alone' }
  if (part.includes('*')) return { problem: 'has a * inside an origin: every origin is written out' }
  if (/["'`]/.test(part)) return { problem: 'has quotes, which an environment file keeps: leave them out' }
  if (/[\s;]/.test(part)) return { problem: 'has something else than a comma between two origins' }
  const url = URL.canParse(part) ? new URL(part) : undefined
  if (!url || !part.includes('://')) return { problem: 'must be origins such as https://app.example.com' }
  if (url.origin === 'null') return APP_ORIGIN.test(part) ? { origin: part } : { problem: 'has no origin of a browser' }
  if (!WEB.includes(url.protocol)) return { problem: 'must begin with http:// or https://' }
  if (url.username || url.password) return { problem: 'has a user name in it: an origin has none' }
  if (url.pathname !== '/' || /[?#]/.test(part)) {
    return { problem: 'has a path or more behind the host: an origin ends there' }
  }
  if (!HOST.test(url.hostname)) return { problem: 'has a host that no browser has' }
  return { origin: url.origin }
}
