import { describe, expect, it } from 'vitest'
import { connectSimulator } from '../src/index.js'
import { ANA, Simulation } from './simulation.js'

describe('the day when WhatsApp refuses older versions', () => {
  const simulation = new Simulation('versions')

  it('answers 405 to those below the version, linked or not, and takes the others', async () => {
    const { sim } = simulation
    const { client } = await simulation.account(ANA)
    sim.faults.refuseVersions({ below: [2, 3000, 2_000_000_000] })
    client.reconnect()
    expect(await client.closed()).toMatchObject({ code: 405 })
    const unlinked = simulation.client()
    expect(await unlinked.closed()).toMatchObject({ code: 405 })

    client.reconnect({ version: [2, 3000, 2_000_000_000] })
    await client.opened()
    expect(sim.connections).toMatchObject([{ number: ANA, version: '2.3000.2000000000' }])
    await expect(simulation.client({ version: [2, 3000, 2_000_000_001] }).qr()).resolves.toBeTypeOf('string')
  })

  it('tells the newest version on a page, in the words of the one of WhatsApp', async () => {
    const { sim } = simulation
    const remote = await connectSimulator(sim.controlUrl)
    await remote.faults.refuseVersions({ below: [2, 3000, 7], newest: [2, 3000, 9] })
    const page = await (await fetch(remote.versionUrl)).text()
    expect(/\\?"client_revision\\?":\s*(\d+)/.exec(page)?.[1]).toBe('9')
    expect(sim.versionViews).toBe(1)
    await remote.faults.clear()
    expect(await (await fetch(sim.versionUrl)).text()).not.toContain('":9,')
  })
})
