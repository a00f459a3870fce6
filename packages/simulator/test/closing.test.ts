import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Phone, type Simulator, startSimulator } from '../src/index.js'
import { CLOSE_REASONS, type CloseCause } from '../src/rules/close-cause.js'
import { installStrictVerification } from './client.js'
import { ManualClock } from './manual-clock.js'
import { RawClient } from './raw-client.js'
import { ANA, eventually } from './simulation.js'

const SILENT_REASONS = ['socket-close', 'kill']

/** Those that WhatsApp announces by a stanza. */
const ANNOUNCED: CloseCause[] = [
  ...[515, 503, 500, 516, 401].map((code) => ({ code })),
  ...CLOSE_REASONS.filter((reason) => !SILENT_REASONS.includes(reason)).map((reason) => ({ reason })),
]

describe('the end of a connection', () => {
  let clock: ManualClock
  let sim: Simulator
  let phone: Phone

  beforeAll(installStrictVerification)
  beforeEach(async () => {
    clock = new ManualClock()
    sim = await startSimulator({ seed: 'closing', clock })
    phone = await sim.createPhone({ number: ANA, name: 'Ana' })
  })
  afterEach(() => sim.close())

  async function loggedIn(): Promise<RawClient> {
    const linking = new RawClient(sim, { stays: true })
    await linking.link(phone)
    linking.end()
    await eventually(() => linking.closed).toBe(true)
    const client = new RawClient(sim, { creds: linking.creds, stays: true })
    await client.logIn(ANA)
    return client
  }

  const farewellOf = (client: RawClient) =>
    client.found(
      ({ tag, content }) => tag !== 'ib' || (Array.isArray(content) && content[0]?.tag === 'downgrade_webclient'),
    )

  it.each(ANNOUNCED)('by %j leaves the client the time to close by itself', async (cause) => {
    const client = await loggedIn()
    client.nodes.length = 0
    sim.faults.close(ANA, cause)
    await farewellOf(client)
    await client.reachesServer()
    expect([client.closed, clock.delays]).toEqual([false, [1_500]])

    client.end()
    await eventually(() => client.closed).toBe(true)
    await eventually(() => clock.delays).toEqual([])
  })

  it.each(ANNOUNCED)('by %j is made by the server when the client does not close', async (cause) => {
    const client = await loggedIn()
    client.nodes.length = 0
    sim.faults.close(ANA, cause)
    await farewellOf(client)
    clock.goOff()
    await eventually(() => client.closed).toBe(true)
    expect([client.closeCode, clock.delays]).toEqual([1000, []])
  })

  it('after linking waits for the client, which is there again under its new name before the old socket is gone', async () => {
    const linking = new RawClient(sim, { stays: true })
    await linking.link(phone)
    expect((await linking.found(({ tag }) => tag === 'stream:error')).attrs.code).toBe('515')
    await linking.reachesServer()
    const client = new RawClient(sim, { creds: linking.creds, stays: true })
    await client.logIn(ANA)
    expect(linking.closed).toBe(false)
    expect(phone.devices).toMatchObject([{ id: 1, connected: true }])
    client.close()
    clock.goOff()
    await eventually(() => linking.closeCode).toBe(1000)
  })

  it('after a refused login and after a broken frame comes as late', async () => {
    const client = await loggedIn()
    sim.faults.failLogin(ANA, { reason: 503 })
    const refused = new RawClient(sim, { creds: client.creds, stays: true })
    await refused.logIn(ANA)
    await refused.reachesServer()
    expect(clock.delays).toEqual([1_500])

    client.sendPlaintext(Buffer.from([9]))
    await client.found(({ tag }) => tag === 'stream:error')
    await client.reachesServer()
    expect(clock.delays).toEqual([1_500, 1_500])
    clock.goOff()
    await eventually(() => [client.closeCode, refused.closeCode]).toEqual([1000, 1000])
  })

  it('is the end of everything that the client says', async () => {
    const client = await loggedIn()
    sim.faults.close(ANA, { code: 503 })
    await client.found(({ tag }) => tag === 'stream:error')
    client.nodes.length = 0
    client.send({ tag: 'iq', attrs: { type: 'get', xmlns: 'w:p', id: 'late' } })
    await client.reachesServer()
    expect(client.nodes).toEqual([])
    expect(sim.connections).toEqual([])
    client.close()
  })

  it.each(['socket-close', 'kill'] as const)('by %s is at once', async (reason) => {
    const client = await loggedIn()
    sim.faults.close(ANA, { reason })
    await eventually(() => client.closed).toBe(true)
    expect(clock.delays).toEqual([])
  })
})
