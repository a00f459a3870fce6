import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type ManagerOptions, type Store } from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'
import { startHttpProxy } from './support/proxies.js'

const NAMES = ['ana', 'ben', 'carol', 'dan']
const NEW = [2, 3000, 2_000_000_000] as const
const NEW_TEXT = NEW.join('.')

describe('the day when WhatsApp refuses the version that all announce', () => {
  let live: Live
  let store: Store
  let phones: Phone[]
  let refusals: number
  let untap: () => void

  beforeEach(async () => {
    live = await Live.start('web-version')
    store = createMemoryStore()
    phones = []
    for (const [index, name] of NAMES.entries()) phones.push(await live.phone(`1555000000${index + 1}`, name))
    refusals = 0
    untap = live.simulator.tap(({ direction, node }) => {
      if (direction === 'out' && node.tag === 'failure' && node.attrs.reason === '405') refusals += 1
    })
  })

  afterEach(async () => {
    untap()
    await live[Symbol.asyncDispose]()
  })

  async function linked(options: ManagerOptions = {}): Promise<LiveManager> {
    const trunk = live.manager({ store, versionUrl: live.simulator.versionUrl, ...options })
    for (const [index, name] of NAMES.entries()) await trunk.link(name, phones[index] as Phone)
    return trunk
  }

  const allConnected = (trunk: LiveManager, from: number) =>
    Promise.all(NAMES.map((name) => trunk.status(name, 'connected', from)))

  const untouched = async () => {
    for (const name of NAMES) {
      expect(await store.auth.readCreds(name)).toBeDefined()
      expect(await store.auth.listArchives(name)).toEqual([])
    }
    expect(phones.map(({ devices }) => devices.length)).toEqual([1, 1, 1, 1])
  }

  it('one session tries the newest version first, and the others follow once it was let in', async () => {
    const trunk = await linked()
    const { simulator } = live
    simulator.faults.refuseVersions({ below: NEW })
    // The answer to the first is held back: whoever does not wait for it would be there before it.
    simulator.faults.on({ direction: 'out', tag: 'success' }, { do: 'delay', delayMs: 500 }, { times: 1 })
    const seen: number[] = []
    const stop = simulator.tap(({ direction, node }) => {
      if (direction === 'out' && node.tag === 'success')
        seen.push(simulator.connections.filter(({ version }) => version === NEW_TEXT).length)
    })
    const from = trunk.heard.length
    simulator.faults.dropAll()
    await allConnected(trunk, from)
    stop()
    expect(seen).toHaveLength(4)
    expect(seen[0]).toBe(1)
    expect(simulator.versionViews).toBe(1)
    expect(refusals).toBeLessThanOrEqual(4)
    expect(simulator.connections.map(({ version }) => version)).toEqual(NAMES.map(() => NEW_TEXT))
    await untouched()
  })

  it('the next process begins with what WhatsApp took, and asks nobody', async () => {
    const trunk = await linked()
    live.simulator.faults.refuseVersions({ below: NEW })
    const from = trunk.heard.length
    live.simulator.faults.dropAll()
    await allConnected(trunk, from)
    expect((await trunk.manager.details('ana')).device?.webVersion).toBe(NEW_TEXT)
    await trunk.manager.close()

    refusals = 0
    const next = live.manager({ store, versionUrl: 'http://127.0.0.1:1/sw.js' })
    await next.manager.start()
    await allConnected(next, 0)
    expect(refusals).toBe(0)
    expect(live.simulator.connections.map(({ version }) => version)).toEqual(NAMES.map(() => NEW_TEXT))
  })

  it('without a network every session says what to set, nobody tries in a loop, and a person may ask again', async () => {
    const trunk = await linked({ versionUrl: 'http://127.0.0.1:1/sw.js' })
    live.simulator.faults.refuseVersions({ below: NEW })
    const from = trunk.heard.length
    live.simulator.faults.dropAll()
    for (const name of NAMES) {
      const { reason } = await trunk.heardEvent(
        'session.status',
        name,
        ({ reason }) => reason?.message.includes('could not be looked up') === true,
        from,
      )
      expect(reason).toMatchObject({ code: 'CLIENT_OUTDATED', retryAt: expect.any(String) })
      expect(reason?.message).toContain('ECONNREFUSED')
      expect(reason?.action).toContain('WA_VERSION')
      expect(reason?.action).toContain('https://web.whatsapp.com/sw.js')
    }
    // Nobody has tried again since: the next try is in a minute. Who came back after the first look had failed has not even tried.
    expect(refusals).toBeGreaterThan(0)
    expect(refusals).toBeLessThanOrEqual(NAMES.length)
    await untouched()

    live.simulator.faults.clear()
    await trunk.manager.restartSession('ana')
    await allConnected(trunk, from)
  })

  it('a version that is refused too is not tried by the others', async () => {
    const trunk = await linked()
    live.simulator.faults.refuseVersions({ below: [2, 3000, 2_000_000_001], newest: NEW })
    const from = trunk.heard.length
    live.simulator.faults.dropAll()
    for (const name of NAMES)
      await trunk.heardEvent(
        'session.status',
        name,
        ({ reason }) => reason?.message.includes('there is no newer one') === true,
        from,
      )
    // One has tried the newest as well. Who came back after that has not even tried the old one.
    expect(refusals).toBeGreaterThan(1)
    expect(refusals).toBeLessThanOrEqual(NAMES.length + 1)
    await untouched()
  })

  it.each<[string, ManagerOptions]>([
    ['looking up is off', { versionUrl: false }],
    ['the version is set', { version: [2, 3000, 1_000_000_000] }],
  ])('where %s, a refused session waits for a person', async (_when, options) => {
    const trunk = await linked(options)
    live.simulator.faults.refuseVersions({ below: NEW })
    const from = trunk.heard.length
    live.simulator.faults.dropAll()
    for (const name of NAMES) await trunk.status(name, 'failed', from)
    const { statusReason } = await trunk.manager.get('ana')
    expect(statusReason).toMatchObject({ code: 'CLIENT_OUTDATED', action: expect.stringContaining('WA_VERSION') })
    expect(live.simulator.versionViews).toBe(0)
    await untouched()
  })

  it('an account that is not linked yet finds the version as well', async () => {
    live.simulator.faults.refuseVersions({ below: NEW })
    const trunk = live.manager({ store, versionUrl: live.simulator.versionUrl })
    await trunk.link('ana', phones[0] as Phone)
    expect(refusals).toBe(1)
    expect(live.simulator.connections).toMatchObject([{ version: NEW_TEXT }])
  })

  it("looks through the session's proxy", async () => {
    const proxy = await startHttpProxy()
    const proxyUrl = `http://user:secret@127.0.0.1:${proxy.port}`
    const trunk = live.manager({ store, versionUrl: live.simulator.versionUrl, proxyAllow: ['127.0.0.1'] })
    live.simulator.faults.refuseVersions({ below: NEW })
    await trunk.manager.create({ id: 'ana', settings: { proxyUrl } })
    await trunk.heardEvent('qr', 'ana')
    const { port } = new URL(live.simulator.versionUrl)
    // Refused, the page, and the version that is taken.
    expect(proxy.targets).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`, `127.0.0.1:${port}`])
    expect(live.simulator.versionViews).toBe(1)
    await trunk.manager.close()
    await proxy.close()
  })

  it.each<[string, (respond: { status: number; body: string }) => void, string]>([
    ['answers an error', (answer) => Object.assign(answer, { status: 503 }), 'it answered HTTP 503'],
    ['tells no version', (answer) => Object.assign(answer, { body: 'hello' }), 'it tells no version'],
  ])('says so when the page %s', async (_what, spoil, problem) => {
    const answer = { status: 200, body: '' }
    spoil(answer)
    const page = createServer((_request, response) => response.writeHead(answer.status).end(answer.body))
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
    live.simulator.faults.refuseVersions({ below: NEW })
    const versionUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}/sw.js`
    const trunk = live.manager({ store, versionUrl })
    await trunk.manager.create({ id: 'ana' })
    await trunk.heardEvent('session.status', 'ana', ({ reason }) => reason?.message.includes(problem) === true)
    await trunk.manager.close()
    await new Promise((resolve) => page.close(resolve))
  })
})
