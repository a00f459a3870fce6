import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as baileys from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as simulator from '../src/index.js'
import { linkedClient, silenceLibsignal, silentLogger, TestClient } from './client.js'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

/** Every `ts` block with its heading; imports are handed in. */
const snippets = readme.split(/^#+ /m).flatMap((section) => {
  const heading = section.split('\n', 1)[0] ?? ''
  return [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => ({
    heading,
    code: code.replace(/^import .*\n/gm, ''),
  }))
})

type Snippet = (...values: unknown[]) => Promise<void>
const AsyncFunction = (async () => undefined).constructor as new (...text: string[]) => Snippet

const run = (code: string, scope: Record<string, unknown>): Promise<void> =>
  new AsyncFunction(...Object.keys(scope), code)(...Object.values(scope))

async function until(holds: () => unknown): Promise<void> {
  await expect.poll(async () => Boolean(await holds()), { timeout: 30_000, interval: 10 }).toBe(true)
}

describe('the README', () => {
  let folder: string
  beforeAll(async () => {
    silenceLibsignal()
    folder = await mkdtemp(join(tmpdir(), 'readme-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('begins with a program that works', async () => {
    const first = snippets.find(({ heading }) => heading === 'With bare Baileys')
    const code = first?.code.replace("'./auth'", JSON.stringify(join(folder, 'auth'))) ?? ''
    const makeWASocket = (config: baileys.UserFacingSocketConfig) =>
      baileys.makeWASocket({ ...config, logger: silentLogger })
    await run(code, { ...simulator, assert, makeWASocket, useMultiFileAuthState: baileys.useMultiFileAuthState })
  })

  describe('has recipes that work', () => {
    const others = snippets.filter(({ heading }) => heading !== 'With bare Baileys')

    it.each(others.map((each, index) => ({ ...each, index })))('$index $heading', async ({ code }) => {
      await using sim = await simulator.startSimulator({ seed: 'readme' })
      const ana = await sim.createPhone({ number: '15550000001', name: 'Ana' })
      const ben = await sim.createPhone({ number: '15550000002', name: 'Ben' })
      const carol = await sim.createPhone({ number: '15550000003', name: 'Carol' })
      const client = await linkedClient(sim, ana)
      await until(() => ana.devices[0]?.queued === 0)
      const more = new TestClient(sim)
      const scope = {
        ...simulator,
        ...{ assert, until, sim, ana, ben, carol, socket: client.socket, log: [] },
        showQr: () => more.qr(),
        requestPairingCode: async (number: string) => {
          await more.qr()
          return more.socket.requestPairingCode(number)
        },
      }
      await run(code.replace(/'http:\/\/127\.0\.0\.1:\d+'/, JSON.stringify(sim.controlUrl)), scope)
      for (const each of [client, more]) each.close()
      expect(sim.unhandled).toEqual([])
    })
  })
})
