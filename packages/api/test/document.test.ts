import type { OpenApiDocument } from '@trunkline/contract/openapi'
import type { MultiSessionManager } from '@trunkline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, createApi } from '../src/index.js'
import { call, createManager, hostApi, silent } from './harness.js'

let manager: MultiSessionManager
let api: Api

beforeAll(async () => {
  manager = await createManager()
  api = createApi(manager, { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent })
})
afterAll(() => manager.close())

async function document(of: Api, basePath?: string): Promise<OpenApiDocument> {
  const request = { method: 'GET', path: '/openapi.json', query: new URLSearchParams(), headers: {} }
  const { status, body } = await of.handle({ ...request, ...(basePath === undefined ? {} : { basePath }) })
  expect(status).toBe(200)
  return JSON.parse(String(body))
}

describe('the document', () => {
  it('is there for everybody, and says where the interface is', async () => {
    expect((await call(api, 'openApi', '/openapi.json')).body).toMatchObject({ openapi: '3.1.1' })
    expect((await document(api)).servers).toEqual([{ url: '.' }])
    expect((await document(api, '/nested/api')).servers).toEqual([{ url: '/nested/api' }])
    expect((await document(api, '/api')).servers).toEqual([{ url: '/api' }])
  })

  it('tells of the login only where Trunkline has it', async () => {
    expect((await document(api)).paths).toHaveProperty('/auth/login')
    const { paths, tags } = await document(hostApi(manager))
    expect(Object.keys(paths).filter((path) => path.startsWith('/auth'))).toEqual([])
    expect(tags.map(({ name }) => name)).not.toContain('auth')
    expect(paths).toHaveProperty('/sessions')
  })
})

describe('the page', () => {
  async function page() {
    const { body, headers } = await call(api, 'docs', '/docs')
    return { text: String(body), headers }
  }

  it('shows every route, and every schema that it links to', async () => {
    const { text } = await page()
    const { paths } = await document(api)
    for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      expect(text).toContain(`<article id="${operation.operationId}">`)
    }
    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]))
    const targets = [...text.matchAll(/href="#([^"]+)"/g)].map((match) => match[1])
    expect(targets.filter((target) => target && !ids.has(target))).toEqual([])
  })

  it('loads nothing, runs nothing, and is told so', async () => {
    const { text, headers } = await page()
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/)
    expect(text).not.toMatch(/<script|<img|<link|@import|url\(| style=| on\w+=|https?:\/\/(?!github\.com|example\.org)/)
  })
})
