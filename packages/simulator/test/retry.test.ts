import { describe, expect, it } from 'vitest'
import { ANA, BEN, CAROL, eventually, Simulation } from './simulation.js'

describe('a message that cannot be decrypted', () => {
  const simulation = new Simulation('retry')

  it('is asked for again by a client, and shown once', async () => {
    const { client } = await simulation.account(ANA)
    const carol = await simulation.phone(CAROL)
    const corrupted = simulation.sim.faults.on({ number: ANA, tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    const { id } = await carol.sendText(ANA, 'once more')

    await client.message('once more')
    expect(corrupted.hits).toBe(1)
    expect(client.messages.filter(({ message }) => message.key.id === id && message.message)).toHaveLength(1)
  })

  it('is asked for again by a phone, and shown once', async () => {
    const { client } = await simulation.account(ANA)
    const carol = await simulation.phone(CAROL)
    await client.sendText(carol.jid, 'hello')
    await carol.waitForMessage('hello')
    const match = { number: ANA, direction: 'in', tag: 'message' } as const
    simulation.flawless = false
    simulation.sim.faults.on(match, { do: 'corrupt' }, { times: 1 })
    const id = await client.sendText(carol.jid, 'once more')

    await carol.waitForMessage('once more')
    expect(carol.failures).toMatchObject([{ id }])
    expect(carol.messages.filter((message) => message.id === id)).toHaveLength(1)
  })

  it('is asked for again by another client', async () => {
    const ana = await simulation.account(ANA)
    const ben = await simulation.account(BEN)
    simulation.sim.faults.on({ number: BEN, tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    await ana.client.sendText(ben.phone.jid, 'once more')
    await ben.client.message('once more')
  })

  it('goes on working after a contact has got a new phone', async () => {
    const { client } = await simulation.account(ANA)
    const carol = await simulation.phone(CAROL)
    await client.sendText(carol.jid, 'before')
    await carol.waitForMessage('before')
    const told: string[] = []
    client.socket.ws.on('CB:notification,type:encrypt', (node: { attrs: { from: string } }) =>
      told.push(node.attrs.from),
    )

    await carol.reinstall()
    await eventually(() => told).toEqual([carol.jid])
    await client.sendText(carol.jid, 'after')
    await carol.waitForMessage('after')
    await carol.sendText(ANA, 'got it')
    await client.message('got it')
  })

  it('goes on working between two phones, one of which is new', async () => {
    const ben = await simulation.phone(BEN)
    const carol = await simulation.phone(CAROL)
    await ben.sendText(CAROL, 'before')
    await carol.waitForMessage('before')
    simulation.flawless = false
    await carol.reinstall()
    await ben.sendText(CAROL, 'after')
    await carol.waitForMessage('after')
    expect(carol.failures).toHaveLength(1)
  })

  it('ends the links of an account whose own phone is new', async () => {
    const { phone, client } = await simulation.account(ANA)
    await phone.reinstall()
    expect(await client.closed()).toMatchObject({ code: 401 })
    await simulation.companion(phone)
    expect(phone.devices.map(({ id }) => id)).toEqual([2])
  })

  it('is handed on by the phone when its companion asks for it', async () => {
    const { phone, client } = await simulation.account(ANA)
    const carol = await simulation.phone(CAROL)
    const { id } = await carol.sendText(ANA, 'the phone has it')
    const { message } = await client.message('the phone has it')
    await phone.waitForMessage('the phone has it')
    await client.socket.requestPlaceholderResend(message.key)
    const shown = () => client.messages.filter((each) => each.message.key.id === id)
    await eventually(() => shown().length).toBe(2)
  })
})
