import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'

describe('what happens to messages', () => {
  let live: Live
  let trunk: LiveManager
  let ana: Phone
  let carol: Phone

  beforeEach(async () => {
    live = await Live.start('messages')
    ana = await live.phone(ANA, 'Ana')
    carol = await live.phone(CAROL, 'Carol')
    trunk = live.manager()
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  it('asks again for a message that does not decrypt, and shows it once', async () => {
    live.simulator.faults.on(
      { number: ANA, device: 1, direction: 'out', tag: 'message' },
      { do: 'corrupt' },
      { times: 1 },
    )
    await carol.sendText(ANA, 'hard to read')
    const { message } = await trunk.heardEvent('message', 'ana')
    expect(message.text).toBe('hard to read')
    expect(await trunk.store.messages.count('ana')).toBe(1)
  })

  it('sends again, from the store, what the other side could not decrypt', async () => {
    await trunk.manager.send('ana', { to: CAROL, text: 'first' })
    await carol.waitForMessage('first')
    live.simulator.faults.on({ number: ANA, direction: 'in', tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    const sent = await trunk.manager.send('ana', { to: CAROL, text: 'second try' })
    expect(await carol.waitForMessage('second try')).toMatchObject({ id: sent.id })
    expect(carol.messages.filter(({ id }) => id === sent.id)).toHaveLength(1)
  })

  it('gives a message back at once when its connection ends before it is on the wire, and its chat goes on', async () => {
    const { faults } = live.simulator
    const deaf = faults.on({ number: ANA, direction: 'in', tag: 'iq', xmlns: 'usync' }, { do: 'drop' })
    const from = trunk.heard.length
    const startedAt = performance.now()
    const sent = trunk.manager.send('ana', { to: CAROL, text: 'no answer' }).catch(({ code }: { code: string }) => code)
    await eventually(
      async () => deaf.hits,
      (hits) => hits > 0,
    )
    deaf.remove()
    await trunk.manager.restartSession('ana')
    expect(await sent).toBe('SESSION_NOT_CONNECTED')
    await trunk.status('ana', 'connected', from)
    await trunk.manager.send('ana', { to: CAROL, text: 'goes on' })
    await carol.waitForMessage('goes on')
    // Baileys' own limit is a minute.
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })

  it('stores the ratchets of a message, of its recipient and of the own phone, by one commit to a slow store', async () => {
    const { auth } = trunk.store
    const toMemory = auth.commit
    auth.commit = async (...parameters) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await toMemory(...parameters)
    }
    await trunk.manager.send('ana', { to: CAROL, text: 'first' })
    await carol.waitForMessage('first')
    const commit = vi.spyOn(trunk.store.auth, 'commit')
    await trunk.manager.send('ana', { to: CAROL, text: 'second' })
    const ratchets = commit.mock.calls.map(([, { puts = [] }]) => puts.filter(({ type }) => type === 'session').length)
    expect(ratchets.filter((count) => count > 0)).toEqual([2])
  })

  it('takes a message that the server delivers twice as one', async () => {
    live.simulator.faults.on(
      { number: ANA, device: 1, direction: 'out', tag: 'message' },
      { do: 'duplicate', copies: 2 },
    )
    await carol.sendText(ANA, 'once or thrice')
    await carol.sendText(ANA, 'the end')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'the end')
    expect(trunk.events('message', 'ana').map(({ message }) => message.text)).toEqual(['once or thrice', 'the end'])
  })

  it('applies an edit and a deletion by the author to the stored message', async () => {
    const { id } = await carol.sendText(ANA, 'I want 3')
    await trunk.heardEvent('message', 'ana')
    const key = { remoteJid: `${ANA}@s.whatsapp.net`, fromMe: true, id }
    await carol.send(ANA, {
      protocolMessage: { key, type: 14, editedMessage: { conversation: 'I want 4' }, timestampMs: Date.now() },
    })
    await trunk.heardEvent('message.edited', 'ana')
    expect(await trunk.manager.message('ana', { id })).toMatchObject({ text: 'I want 4', editedAt: expect.any(String) })
    await carol.send(ANA, { protocolMessage: { key, type: 0 } })
    await trunk.heardEvent('message.deleted', 'ana')
    const deleted = await trunk.manager.message('ana', { id })
    expect(deleted.deletedAt).toBeDefined()
    expect(deleted.text).toBeUndefined()
  })

  it('keeps a reaction on its message, and takes it back', async () => {
    const sent = await trunk.manager.send('ana', { to: CAROL, text: 'Do you like it?' })
    await carol.waitForMessage('Do you like it?')
    const key = { remoteJid: `${ANA}@s.whatsapp.net`, fromMe: false, id: sent.id }
    await carol.send(ANA, { reactionMessage: { key, text: '👍', senderTimestampMs: Date.now() } })
    await trunk.heardEvent('message.reaction', 'ana')
    expect((await trunk.manager.message('ana', { id: sent.id })).reactions).toMatchObject([
      { senderId: carol.lid, emoji: '👍' },
    ])
    await carol.send(ANA, { reactionMessage: { key, text: '', senderTimestampMs: Date.now() + 1 } })
    await eventually(
      () => trunk.manager.message('ana', { id: sent.id }),
      ({ reactions }) => reactions.length === 0,
    )
  })

  it('does not let a stranger edit what somebody else wrote', async () => {
    const mallory = await live.phone('15550000666', 'Mallory')
    const { id } = await carol.sendText(ANA, 'mine')
    await trunk.heardEvent('message', 'ana')
    const key = { remoteJid: `${ANA}@s.whatsapp.net`, fromMe: true, id }
    await mallory.send(ANA, {
      protocolMessage: { key, type: 14, editedMessage: { conversation: 'forged' }, timestampMs: Date.now() },
    })
    await mallory.send(ANA, { protocolMessage: { key, type: 0 } })
    await mallory.sendText(ANA, 'done')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'done')
    expect(await trunk.manager.message('ana', { id })).toMatchObject({ text: 'mine' })
  })

  it('reports a message as unknown when the connection is lost before the server answered, and never resends it', async () => {
    live.simulator.faults.on({ number: ANA, direction: 'in', tag: 'message' }, { do: 'drop' }, { times: 1 })
    const sending = trunk.manager.send('ana', { to: CAROL, text: 'into the void' })
    await eventually(
      () => trunk.store.messages.count('ana'),
      (count) => count === 1,
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    live.simulator.faults.kill(ANA)
    expect(await sending).toMatchObject({ status: 'unknown', error: { code: 'CONNECTION_LOST' } })
    await trunk.status('ana', 'connected')
    await carol.sendText(ANA, 'hello?')
    await trunk.heardEvent('message', 'ana')
    expect(carol.messages).toEqual([expect.objectContaining({ text: 'hello?' })])
  })

  it('keeps the order within a chat when many are sent at once', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `number ${index}`)
    await Promise.all(texts.map((text) => trunk.manager.send('ana', { to: CAROL, text })))
    await carol.waitForMessage('number 29')
    await carol.idle()
    expect(carol.messages.map(({ text }) => text)).toEqual(texts)
  })
})
