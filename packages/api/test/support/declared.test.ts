import { describe, expect, it } from 'vitest'
import { type Exchange, expectDeclared } from './declared.js'

const json = { 'content-type': 'application/json; charset=utf-8' }
const problem = { 'content-type': 'application/problem+json' }
const VERSION: Exchange = {
  method: 'GET',
  target: '/version',
  status: 200,
  headers: json,
  body: '{"name":"trunkline","version":"1"}',
}

function problemOf(status: number, code: string): string {
  return JSON.stringify({ type: 'https://example.org/', title: 'T', status, detail: 'D', code })
}

describe('the check of answers', () => {
  it('lets pass what the document says', () => {
    expectDeclared(VERSION)
    expectDeclared({ ...VERSION, target: '/version/?a=b', method: 'HEAD', body: undefined })
    expectDeclared({ ...VERSION, status: 406, headers: problem, body: problemOf(406, 'NOT_ACCEPTABLE') })
    expectDeclared({ method: 'DELETE', target: '/sessions/shop', status: 204, headers: {} })
    expectDeclared({
      ...VERSION,
      target: '/nowhere',
      status: 404,
      headers: problem,
      body: problemOf(404, 'ROUTE_NOT_FOUND'),
    })
  })

  it.each<[string, Partial<Exchange>]>([
    ['another status', { status: 201 }],
    ['another media type', { headers: { 'content-type': 'text/html' } }],
    ['a field that is not declared', { body: '{"name":"trunkline","version":"1","build":"x"}' }],
    ['a field that is missing', { body: '{"name":"trunkline"}' }],
    ['a body where there is none', { method: 'DELETE', target: '/sessions/shop', status: 204 }],
    ['the code of another route', { status: 404, headers: problem, body: problemOf(404, 'CHAT_NOT_FOUND') }],
    ['a code under the status of another', { status: 406, headers: problem, body: problemOf(406, 'INTERNAL') }],
    ['a success where there is no route', { target: '/nowhere' }],
  ])('catches %s', (_, difference) => {
    expect(() => expectDeclared({ ...VERSION, ...difference })).toThrow()
  })
})
