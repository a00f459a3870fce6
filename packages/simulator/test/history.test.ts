import { describe, expect, it } from 'vitest'
import { ANA, BEN, CAROL, eventually, Simulation } from './simulation.js'

const HISTORY = [
  {
    with: CAROL,
    name: 'Carol',
    unreadCount: 1,
    messages: [
      { id: 'OLD1', text: 'first', at: '2026-01-01T10:00:00Z' },
      { id: 'OLD2', text: 'second', fromMe: true, at: '2026-01-01T10:01:00Z' },
      {
        id: 'OLD3',
        text: 'third',
        at: '2026-01-01T10:02:00Z',
        reactions: [{ emoji: '👍', fromMe: true, at: '2026-01-01T10:03:00Z' }, { emoji: '🎉' }],
      },
    ],
  },
  { with: '15559999999', messages: [{ message: { locationMessage: { name: 'here' } }, at: '2026-01-02T10:00:00Z' }] },
]

describe('what a phone gives to a new companion', () => {
  const simulation = new Simulation('history')

  it('is its history, with names, mappings and the newest message first', async () => {
    const carol = await simulation.phone(CAROL)
    const phone = await simulation.sim.createPhone({ number: ANA, name: 'Ana', history: HISTORY })
    const client = await simulation.companion(phone)

    const history = await client.until(
      () => client.histories.find(({ messages }) => messages.length > 0),
      'the history',
    )
    expect(history).toMatchObject({ isLatest: true, syncType: 0, progress: 100 })
    expect(history.chats.map(({ id, unreadCount, name }) => ({ id, unreadCount, name }))).toEqual([
      { id: `${CAROL}@s.whatsapp.net`, unreadCount: 1, name: 'Carol' },
      { id: '15559999999@s.whatsapp.net', unreadCount: 0, name: null },
    ])
    expect(history.messages.map(({ key, message }) => [key.id, key.fromMe, message?.conversation])).toEqual([
      ['OLD3', false, 'third'],
      ['OLD2', true, 'second'],
      ['OLD1', false, 'first'],
      [expect.any(String), false, null],
    ])
    const told = history.messages[0]?.reactions?.map((each) => [
      each.text,
      each.key?.fromMe,
      Number(each.senderTimestampMs),
    ])
    expect(told).toEqual([
      ['👍', true, Date.parse('2026-01-01T10:03:00Z')],
      ['🎉', false, Date.parse('2026-01-01T10:02:00Z')],
    ])
    expect(history.messages[3]?.message?.locationMessage?.name).toBe('here')
    const { lidMapping } = client.socket.signalRepository
    await eventually(() => lidMapping.getPNForLID(carol.lid)).toBe(`${CAROL}:0@s.whatsapp.net`)
    await client.until(() => client.histories.some(({ contacts }) => contacts.some((each) => each.notify === 'Carol')))
  })

  it('is older history when it is asked for', async () => {
    await simulation.phone(CAROL)
    const phone = await simulation.phone(ANA)
    const client = await simulation.companion(phone)
    await client.until(() => client.histories[0], 'the first history')
    await phone.setHistory(HISTORY)

    const key = { remoteJid: `${CAROL}@s.whatsapp.net`, id: 'OLD3', fromMe: false }
    const request = await client.socket.fetchMessageHistory(1, key, 1_767_261_720_000)
    const answer = await client.until(
      () => client.histories.find((each) => each.peerDataRequestSessionId === request),
      'the older history',
    )
    expect(answer.messages.map((message) => message.key.id)).toEqual(['OLD2'])
  })

  it('can be more history at any time', async () => {
    const phone = await simulation.phone(ANA)
    const client = await simulation.companion(phone)
    await phone.sendHistory({ chats: HISTORY })
    await client.until(() => client.histories.some(({ syncType, messages }) => syncType === 3 && messages.length === 4))
    await expect(phone.sendHistory({ device: 9 })).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' })
    const wrongTime = [{ with: CAROL, messages: [{ text: 'when?', at: 'yesterday' }] }]
    await expect(phone.setHistory(wrongTime)).rejects.toMatchObject({ code: 'BAD_INPUT', field: 'at' })
    const reactions = [{ emoji: '👍', at: 'later' }]
    const wrongReaction = [{ with: CAROL, messages: [{ text: 'x', at: '2026-01-01T10:02:00Z', reactions }] }]
    await expect(phone.setHistory(wrongReaction)).rejects.toMatchObject({ code: 'BAD_INPUT', field: 'at' })
  })

  it('is the key of its app state, which holds with every MAC verified', async () => {
    const config = { appStateMacVerification: { patch: true, snapshot: true } }
    const phone = await simulation.phone(ANA, 'Ana')
    const first = await simulation.companion(phone, config)
    const second = await simulation.companion(phone, config)
    await eventually(() => [first, second].every(({ auth }) => auth.creds.myAppStateKeyId)).toBe(true)

    await phone.rename('Anna')
    await eventually(() => [first, second].map(({ auth }) => auth.creds.me?.name)).toEqual(['Anna', 'Anna'])
    await phone.rename('Ann')
    await eventually(() => first.auth.creds.me?.name).toBe('Ann')
  })

  it('is what another companion has changed in the app state', async () => {
    const ben = await simulation.phone(BEN)
    const phone = await simulation.phone(ANA)
    const first = await simulation.companion(phone)
    const second = await simulation.companion(phone)
    await eventually(() => [first, second].every(({ auth }) => auth.creds.myAppStateKeyId)).toBe(true)
    const muted: unknown[] = []
    second.socket.ev.on('chats.update', (updates) => muted.push(...updates.map((each) => each.muteEndTime)))

    await first.socket.chatModify({ mute: 1_900_000_000_000 }, ben.jid)
    await eventually(() => muted.map(Number)).toContain(1_900_000_000_000)
  })
})
