import { describe, expect, it } from 'vitest'
import type { TestClient } from './client.js'
import { ANA, CAROL, eventually, Simulation, settled } from './simulation.js'

interface Stanza {
  attrs: Record<string, string>
  content?: Stanza[]
  tag: string
}

/** What a client is handed after it comes back, up to the end marker. */
function backlogOf(client: TestClient): { stanzas: Stanza[]; ended: Promise<Stanza> } {
  const stanzas: Stanza[] = []
  const { ws } = client.socket
  ws.on('CB:message', (node: Stanza) => stanzas.push(node))
  ws.on('CB:ib,,offline_preview', (node: Stanza) => stanzas.push(node))
  const ended = new Promise<Stanza>((resolve) => ws.on('CB:ib,,offline', resolve))
  return { stanzas, ended }
}

describe('what is sent to a client that is away', () => {
  const simulation = new Simulation('offline queue')

  it('arrives when it is back: announced, in order, marked as old, with an end marker', async () => {
    const { phone, client } = await simulation.account(ANA)
    await settled(phone, client)
    const carol = await simulation.phone(CAROL)
    client.close()
    await eventually(() => simulation.sim.connections).toEqual([])
    const texts = ['one', 'two', 'three']
    for (const text of texts) await carol.sendText(ANA, text)

    client.reconnect()
    const { stanzas, ended } = backlogOf(client)
    expect((await ended).content?.[0]).toMatchObject({ tag: 'offline', attrs: { count: '3' } })
    const [preview, ...messages] = stanzas
    expect(preview?.content?.[0]).toMatchObject({ tag: 'offline_preview', attrs: { count: '3', message: '3' } })
    expect(messages.map(({ attrs }) => attrs.offline)).toEqual(['1', '1', '1'])

    await client.message('three')
    const arrived = client.messages.filter(({ message }) => texts.includes(message.message?.conversation ?? ''))
    expect(arrived.map(({ message }) => message.message?.conversation)).toEqual(texts)
    expect(arrived.map(({ type }) => type)).toEqual(['append', 'append', 'append'])
    await eventually(() => phone.devices[0]?.queued).toBe(0)
  })

  it('is kept until the client confirms it', async () => {
    const { phone, client } = await simulation.account(ANA)
    await settled(phone, client)
    const carol = await simulation.phone(CAROL)
    const match = { number: ANA, direction: 'in', tag: 'receipt' } as const
    const lost = [
      simulation.sim.faults.on(match, { do: 'drop' }),
      simulation.sim.faults.on({ ...match, tag: 'ack' }, { do: 'drop' }),
    ]
    await carol.sendText(ANA, 'again?')
    await client.message('again?')
    await eventually(() => lost[0]?.hits).toBeGreaterThan(0)
    client.reconnect()
    for (const rule of lost) rule.remove()
    const first = backlogOf(client)
    await first.ended
    expect(first.stanzas.filter(({ tag }) => tag === 'message')).toHaveLength(1)
    await client.opened()
    // The client knows this ciphertext already and says so: it is not shown twice, and not kept any longer.
    await carol.sendText(ANA, 'something else')
    await client.message('something else')
    expect(client.messages.filter(({ message }) => message.message?.conversation === 'again?')).toHaveLength(1)

    client.reconnect()
    const second = backlogOf(client)
    await second.ended
    expect(second.stanzas).toEqual([])
  })

  it('ends with a marker also when there is nothing', async () => {
    const { phone, client } = await simulation.account(ANA)
    await settled(phone, client)
    client.reconnect()
    expect((await backlogOf(client).ended).content?.[0]).toMatchObject({ tag: 'offline', attrs: { count: '0' } })
  })
})
