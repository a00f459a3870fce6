import { describe, expect, it } from 'vitest'
import { startSimulator } from '../src/index.js'
import { TestClient } from './client.js'
import { ANA, CAROL, eventually, Simulation, settled } from './simulation.js'

describe('a snapshot', () => {
  const simulation = new Simulation('snapshot')

  it('lets another simulator go on: same links, same Signal sessions, same queue', async () => {
    const { phone, client } = await simulation.account(ANA)
    await settled(phone, client)
    const carol = await simulation.phone(CAROL)
    await client.sendText(carol.jid, 'before')
    await carol.waitForMessage('before')
    client.close()
    await eventually(() => simulation.sim.connections).toEqual([])
    await carol.sendText(ANA, 'while you are away')
    const text = JSON.stringify(simulation.sim.snapshot())
    await simulation.sim.close()

    simulation.sim = await startSimulator({ snapshot: JSON.parse(text) })
    const restored = simulation.sim
    const again = simulation.own(new TestClient(restored, client.auth))
    await again.opened()
    await again.message('while you are away')
    await again.sendText(carol.jid, 'after')
    await restored.phone(CAROL).waitForMessage('after')
    await restored.phone(CAROL).sendText(ANA, 'and back')
    await again.message('and back')
    expect(restored.rootPublicKey).toHaveLength(32)
  })

  it('is the same for the same seed and calls', async () => {
    const make = async () => {
      const clock = clockAt(1_800_000_000_000)
      await using sim = await startSimulator({ seed: 'same', clock })
      const ana = await sim.createPhone({ number: ANA, name: 'Ana' })
      await sim.createPhone({ number: CAROL, name: 'Carol' })
      const { id } = await ana.sendText(CAROL, 'hello')
      await sim.idle()
      return { id, identity: ana.lid, rootPublicKey: sim.rootPublicKey.toString('hex') }
    }
    expect(await make()).toEqual(await make())
  })

  it.each([
    ['something else', { hello: 'world' }],
    ['another version', { format: 'trunkline-simulator', version: 2, state: {} }],
    ['one without accounts', { format: 'trunkline-simulator', version: 1, state: {} }],
  ])('is refused when it is %s', async (_what, snapshot) => {
    await expect(startSimulator({ snapshot: snapshot as never })).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' })
  })
})

const clockAt = (now: number) => ({
  now: () => now,
  setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
  clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
})
