import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { type PageFile, type PageFiles, readPageFiles } from './page-files.js'

export interface DashboardOptions {
  /** Where the interface is mounted, as a browser sees it: `/api`, or `https://api.example.org/api`. `/api` unless given. */
  apiUrl?: string
  /** The path of Socket.IO, at the origin of `apiUrl`; `/socket.io` unless given. */
  socketPath?: string
}

/** A request as Express 4 and 5 hand it to a mounted function: `url` is what is left below the mount. */
export type PageRequest = IncomingMessage & { baseUrl?: string }

export type PageHandler = (request: PageRequest, response: ServerResponse, next: (error?: unknown) => void) => void

/**
 * The admin page for `app.use('/admin', dashboard({ apiUrl: '/api' }))`, on Express 4.21+ and 5, below any mount. Answers every GET
 * below its mount, deep links included, with a strict content security policy of its own; leaves all other methods to what follows.
 *
 * @throws TypeError for an `apiUrl` that is neither a path nor an http address
 */
export function dashboard(options: DashboardOptions = {}): PageHandler {
  return pageHandler(options, fileURLToPath(new URL('../dist/page', import.meta.url)))
}

/** The page of the folder that its build wrote. */
export function pageHandler(options: DashboardOptions, folder: string): PageHandler {
  const { apiUrl = '/api', socketPath = '/socket.io' } = options
  const policy = policyFor(apiUrl)
  let files: PageFiles | undefined

  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next()
      return
    }
    // Read at the first request: a host that never shows the page reads nothing.
    files ??= readPageFiles(folder)
    send(response, request, files ? answerTo(request, files) : NOT_BUILT)
  }

  function answerTo(request: PageRequest, { index, assets }: PageFiles): Answer {
    const path = (request.url ?? '/').replace(/[?#].*$/s, '')
    const [, asset] = /^\/assets\/(.*)$/s.exec(path) ?? []
    if (asset !== undefined) return assetAnswer(request, assets.get(asset))
    const body = withBase(index, { baseUrl: request.baseUrl ?? '', apiUrl, socketPath })
    return { status: 200, headers: { ...PAGE, 'content-security-policy': policy }, body }
  }
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }

const NOT_BUILT: Answer = { status: 503, headers: TEXT, body: 'The page is not built. Run: npm run build\n' }

const PAGE = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Scripts, styles and fonts of this origin alone, nothing inline. `blob:` is media that the page has fetched with its token. */
function policyFor(apiUrl: string): string {
  const origin = originOf(apiUrl)
  const connect = origin === undefined ? "'self'" : `'self' ${origin} ${origin.replace(/^http/, 'ws')}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    `connect-src ${connect}`,
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function originOf(apiUrl: string): string | undefined {
  if (/^\/(?![/\\])/.test(apiUrl)) return undefined
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url.origin
  throw new TypeError('apiUrl must be a path that begins with /, or an address with http: or https:')
}

/** The base goes first, so that every relative address after it is below the mount. */
function withBase(index: string, { baseUrl, ...settings }: { baseUrl: string } & Required<DashboardOptions>): string {
  // A path that begins with two slashes would be another host.
  const base = `${baseUrl.replace(/^[/\\]*/, '/').replace(/\/+$/, '')}/`
  const data = JSON.stringify(settings).replaceAll('<', '\\u003c')
  const head = `<head>\n    <base href="${escaped(base)}">\n    <script type="application/json" id="settings">${data}</script>`
  return index.replace('<head>', () => head)
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '"': '&quot;', '<': '&lt;', '>': '&gt;' }
  return text.replace(/[&"<>]/g, (character) => entities[character] ?? '')
}

function assetAnswer(request: PageRequest, file: PageFile | undefined): Answer {
  if (!file) return { status: 404, headers: TEXT, body: 'There is no such file.\n' }
  const { contentType, bytes, gzipped } = file
  const zips = gzipped !== undefined && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  return {
    status: 200,
    headers: {
      'content-type': contentType,
      // Their names change with what is in them.
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
      ...(zips ? { 'content-encoding': 'gzip' } : {}),
    },
    body: zips ? gzipped : bytes,
  }
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: string | Buffer
}

function send(response: ServerResponse, { method }: PageRequest, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(method === 'HEAD' ? undefined : body)
}
