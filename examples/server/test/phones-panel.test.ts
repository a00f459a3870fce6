import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DemoWorld, startDemoWorld } from '../src/demo/demo-world.js'
import { type PhonesPanel, startPhonesPanel } from '../src/demo/phones-panel.js'

let folder: string
let world: DemoWorld
let panel: PhonesPanel
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-phones-'))
  world = await startDemoWorld(folder, { port: 0, logLevel: 'silent' })
  panel = await startPhonesPanel(world, { port: 0 })
})
afterAll(async () => {
  await panel.close()
  await world.close()
  await rm(folder, { recursive: true })
})

async function post(path: string, body: object): Promise<{ status: number; body: { problem?: string } }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${panel.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as { problem?: string } }
}

it('lets a visitor scan a QR with a phone and write to the account from another one', async () => {
  const { manager } = world.server
  const shown = new Promise((resolve) => manager.once('qr', resolve))
  const connected = new Promise((resolve) =>
    manager.on('connected', ({ status }) => status === 'connected' && resolve(true)),
  )
  await manager.create({ id: 'shop' })
  await shown
  expect(await post('/scan', { phone: 'ana', sessionId: 'shop' })).toEqual({ status: 200, body: {} })
  await connected

  const arrived = new Promise((resolve) => manager.on('message', ({ message }) => resolve(message.text)))
  await post('/say', { phone: 'carol', to: world.phones.ana.number, text: 'Hello from the panel' })
  expect(await arrived).toBe('Hello from the panel')
  const state = (await (await fetch(`${panel.url}/state`)).json()) as { phones: { person: string; linked: number }[] }
  expect(state.phones.find(({ person }) => person === 'ana')?.linked).toBe(1)
})

it('says what was wrong, and takes nothing that a page of another origin could send unasked', async () => {
  expect((await post('/code', { phone: 'ana', code: 'AAAA-AAAA' })).status).toBe(400)
  expect((await post('/say', { phone: 'nobody' })).body.problem).toBe('There is no such phone')
  const form = await fetch(`${panel.url}/say`, { method: 'POST', body: 'phone=ana' })
  expect(form.status).toBe(400)
})
