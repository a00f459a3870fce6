import { type Problem, ROUTES, type Route, type RouteName } from '@trunkline/contract'
import type { MultiSessionManager } from '@trunkline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../src/index.js'
import { createManager, exampleOf, hostApi, send } from './harness.js'

// What only an attacker sends, to every route that takes JSON, made from the table. Larger ones than the limit are cut off elsewhere.

const DEPTH = 100_000
const HALF_EMOJI = '\ud83d'

const routes = (Object.entries(ROUTES) as [RouteName, Route][]).filter(
  ([, { body, access }]) => body?.json && access !== 'public',
)

let manager: MultiSessionManager
let api: Api

beforeAll(async () => {
  manager = await createManager()
  api = hostApi(manager)
})
afterAll(() => manager.close())

/** The routes that a host with a login of its own has. */
const hosted = routes.filter(([, { path }]) => !/^\/(?:auth|users|keys)/.test(path))

describe.each(hosted)('%s', (name, { method }) => {
  const { target } = exampleOf(name, 'own')
  const refused = async (body: string) => {
    const { status, body: problem } = await send(api, method, target, { as: 'admin', body, headers: JSON_TYPE })
    expect([status, (problem as Problem).code]).toEqual([400, 'VALIDATION_FAILED'])
  }

  it.each([
    ['lists', `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`],
    ['objects', `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`],
    ['objects that do not end', '{"a":'.repeat(DEPTH)],
  ])(`refuses ${DEPTH} ${'%s'} in each other`, (_, body) => refused(body))

  it('refuses half an emoji, operators and prototypes as values, and as names', async () => {
    const field = Object.keys(exampleOf(name, 'own').body as object)[0] ?? 'field'
    const values = [`"${HALF_EMOJI}"`, '{"$gt":""}', '{"$where":"sleep(1000)"}', '{"__proto__":{"admin":true}}']
    // Half an emoji that JSON writes as an escape, and the character itself, which is none in UTF-8.
    values.push('"\\ud83d"')
    for (const value of values) await refused(`{"${field}":${value}}`)
    for (const key of ['$gt', '__proto__', 'constructor', 'prototype', '\\ud83d'])
      await refused(`{"${key}":{"admin":true}}`)
    expect(Object.prototype).not.toHaveProperty('admin')
  })
})

const JSON_TYPE = { 'content-type': 'application/json' }
