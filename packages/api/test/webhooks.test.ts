import type { MultiSessionManager } from '@trunkline/core'
import { createMemoryStore, MultiSessionManager as Manager } from '@trunkline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../src/index.js'
import { call, createManager, hostApi, problemOf, silent } from './harness.js'

const url = 'https://receiver.example/hooks'
let manager: MultiSessionManager
let api: Api

beforeAll(async () => {
  manager = await createManager()
  api = hostApi(manager)
})
afterAll(() => manager.close())

const idOf = ({ body }: { body: unknown }) => (body as { id: string }).id

describe('webhooks over REST', () => {
  it('are for admins, and of an admin of some sessions those of these sessions alone', async () => {
    const all = await call(api, 'createWebhook', '/webhooks', { as: 'admin', body: { url } })
    const foreign = await call(api, 'createWebhook', '/webhooks', {
      as: 'admin',
      body: { url, sessionIds: ['foreign'] },
    })
    const own = await call(api, 'createWebhook', '/webhooks', { as: 'tenant', body: { url, sessionIds: ['own'] } })
    expect([all.status, foreign.status, own.status]).toEqual([201, 201, 201])
    for (const body of [{ url }, { url, sessionIds: '*' }, { url, sessionIds: ['own', 'foreign'] }])
      expect(problemOf(await call(api, 'createWebhook', '/webhooks', { as: 'tenant', body })).code).toBe('FORBIDDEN')
    const wider = { as: 'tenant', body: { sessionIds: '*' } }
    expect(problemOf(await call(api, 'updateWebhook', `/webhooks/${idOf(own)}`, wider)).code).toBe('FORBIDDEN')
    const listed = await call(api, 'listWebhooks', '/webhooks', { as: 'tenant' })
    expect((listed.body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([idOf(own)])
    for (const hidden of [all, foreign])
      for (const [name, rest] of [
        ['getWebhook', ''],
        ['deleteWebhook', ''],
        ['testWebhook', '/test'],
        ['listWebhookDeliveries', '/deliveries'],
      ] as const)
        expect(problemOf(await call(api, name, `/webhooks/${idOf(hidden)}${rest}`, { as: 'tenant' })).code).toBe(
          'WEBHOOK_NOT_FOUND',
        )
  })

  it('show a secret once, and no value of a header ever', async () => {
    const body = { url, headers: { authorization: 'hunter2' } }
    const made = await call(api, 'createWebhook', '/webhooks', { as: 'admin', body })
    const { secret } = made.body as { secret: string }
    const shown = await call(api, 'getWebhook', `/webhooks/${idOf(made)}`, { as: 'admin' })
    expect(JSON.stringify(shown.body)).not.toContain(secret)
    expect(JSON.stringify([made.body, shown.body])).not.toContain('hunter2')
    expect(shown.body).toMatchObject({ headerNames: ['authorization'] })
  })

  it('are not there on a store that keeps none', async () => {
    const { webhooks: _, ...store } = createMemoryStore()
    const without = new Manager({ store, logger: silent })
    const answer = await hostApi(without).handle({
      method: 'GET',
      path: '/webhooks',
      query: new URLSearchParams(),
      headers: { authorization: 'Bearer admin' },
      body: undefined,
    })
    expect(answer.status).toBe(404)
    await without.close()
  })
})
