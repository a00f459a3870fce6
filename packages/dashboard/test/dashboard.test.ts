import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import express5 from 'express'
import express4 from 'express-4'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DashboardOptions, pageHandler } from '../src/dashboard.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-page-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html>\n<html>\n  <head>\n    <title>T</title>\n  </head>\n  <body></body>\n</html>\n',
  )
  writeFileSync(join(folder, 'assets', 'index-abc.js'), `console.log(1)\n`.repeat(100))
  writeFileSync(join(folder, 'assets', 'font-def.woff2'), Buffer.from([1, 2, 3]))
  writeFileSync(join(folder, 'secret.txt'), 'not to be seen')
})
afterAll(() => rmSync(folder, { recursive: true }))

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

type Host = RequestListener

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  text: string
}

/** As the path is written: `fetch` would resolve `..` away. */
async function ask(
  app: Host,
  path: string,
  { method = 'GET', ...headers }: Record<string, string> = {},
): Promise<Answer> {
  const server = createServer(app)
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() })
      })
    })
      .on('error', reject)
      .end()
  })
}

// The types of Express 4 and 5 have no usable union: each has its own functions.
const HOSTS: [string, (options?: DashboardOptions) => Host][] = [
  ['Express 4', (options = {}) => express4().use('/nested/admin', pageHandler(options, folder))],
  ['Express 5', (options = {}) => express5().use('/nested/admin', pageHandler(options, folder))],
  [
    'Express 5 in a router',
    (options = {}) => express5().use('/nested', express5.Router().use('/admin', pageHandler(options, folder))),
  ],
]

describe.each(HOSTS)('the page on %s', (_, host) => {
  it.each(['/nested/admin', '/nested/admin/', '/nested/admin/sessions/shop', '/nested/admin/sessions/a%2Fb?tab=chats'])(
    'is answered at %s, with its mount as its base',
    async (path) => {
      const { status, headers, text } = await ask(host(), path)
      expect(status).toBe(200)
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      expect(headers['cache-control']).toBe('no-store')
      expect(text).toContain('<head>\n    <base href="/nested/admin/">')
    },
  )

  it('carries where the interface and its sockets are', async () => {
    const { text } = await ask(host({ apiUrl: '/v1/</script>', socketPath: '/live' }), '/nested/admin')
    const [, json = ''] = /<script type="application\/json" id="settings">(.*)<\/script>/.exec(text) ?? []
    expect(json).not.toContain('</')
    expect(JSON.parse(json)).toEqual({ apiUrl: '/v1/</script>', socketPath: '/live' })
  })

  it('runs nothing that is not of its origin, and is framed by nobody', async () => {
    const { headers } = await ask(host(), '/nested/admin')
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
      ]),
    )
    expect(policy.join()).not.toMatch(/unsafe|\*|https?:/)
  })

  it('may speak to an interface at another origin, and to that alone', async () => {
    const { headers } = await ask(host({ apiUrl: 'https://api.example.org/v1' }), '/nested/admin')
    expect(headers['content-security-policy']).toContain(
      "connect-src 'self' https://api.example.org wss://api.example.org;",
    )
  })

  it('has its files for ever, zipped for those who take that', async () => {
    const plain = await ask(host(), '/nested/admin/assets/index-abc.js')
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    })
    const zipped = await ask(host(), '/nested/admin/assets/index-abc.js?x', { 'accept-encoding': 'br, gzip' })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.body).toString()).toBe(plain.text)
  })

  it('does not zip what would get no smaller', async () => {
    const { headers, body } = await ask(host(), '/nested/admin/assets/font-def.woff2', { 'accept-encoding': 'gzip' })
    expect(headers['content-encoding']).toBeUndefined()
    expect([...body]).toEqual([1, 2, 3])
  })

  it.each([
    '/nested/admin/assets/missing.js',
    '/nested/admin/assets/',
    '/nested/admin/assets/../secret.txt',
    '/nested/admin/assets/..%2fsecret.txt',
    '/nested/admin/assets/%2e%2e/%2e%2e/etc/passwd',
  ])('has no file at %s', async (path) => {
    const { status, text } = await ask(host(), path)
    expect(status).toBe(404)
    expect(text).not.toContain('not to be seen')
  })

  it('leaves what is no reading to what follows', async () => {
    expect((await ask(host(), '/nested/admin/', { method: 'POST' })).status).toBe(404)
    const head = await ask(host(), '/nested/admin/', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    expect(Number(head.headers['content-length'])).toBeGreaterThan(100)
  })
})

describe('the mount', () => {
  it.each([
    ['/:tenant/admin', '/%22%3E%3Cscript%3E/admin/x', '/%22%3E%3Cscript%3E/admin/'],
    ['/:tenant/admin', '/a"><script>/admin/x', '/a&quot;&gt;&lt;script&gt;/admin/'],
    ['/', '/x', '/'],
  ])('of %s is no way to write into the page (%s)', async (mount, path, base) => {
    const app = express4().use(mount, pageHandler({}, folder))
    const { text } = await ask(app, path)
    expect(text).toContain(`<base href="${base}">`)
  })

  it('works without a framework', async () => {
    const handler = pageHandler({}, folder)
    const { text } = await ask((request, response) => handler(request, response, () => response.end()), '/deep/link')
    expect(text).toContain('<base href="/">')
  })

  it('says how to build a page that is not built', async () => {
    const { status, text } = await ask(express5().use('/admin', pageHandler({}, join(folder, 'nothing'))), '/admin')
    expect([status, text]).toEqual([503, 'The page is not built. Run: npm run build\n'])
  })

  it.each(['api', '//api.example.org', 'ftp://example.org/api', 'javascript:alert(1)', ''])(
    'refuses %s as the address of the interface',
    (apiUrl) => {
      expect(() => pageHandler({ apiUrl }, folder)).toThrow(TypeError)
    },
  )
})
