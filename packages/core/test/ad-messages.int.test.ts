import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type Store } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'
import { storeFaults } from './support/store-faults.js'

const ANA = '15550000001'
const CAROL = '15550000003'

describe('a message that comes without its content, as the first one after an advertisement does', () => {
  let live: Live
  let store: Store
  let trunk: LiveManager
  let ana: Phone
  let carol: Phone

  beforeEach(async () => {
    live = await Live.start('ad-messages')
    ana = await live.phone(ANA, 'Ana')
    carol = await live.phone(CAROL, 'Carol')
    store = createMemoryStore()
    trunk = live.manager({ store })
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  /** The server gives the companion no more than that there is a message. */
  function withoutContent({ times = 1 } = {}) {
    live.simulator.faults.on(
      { number: ANA, device: 1, direction: 'out', tag: 'message', where: ({ attrs }) => attrs.category !== 'peer' },
      { do: 'replace', with: (stanza) => ({ ...stanza, content: [{ tag: 'unavailable', attrs: {} }] }) },
      { times },
    )
  }

  const waiting = (id: string) => trunk.heardEvent('message.notice', 'ana', ({ message }) => message.id === id)
  const awaited = () => store.auth.listKeyIds('ana', 'awaited')

  it('comes from the phone, at the place where it was waited for', async () => {
    withoutContent()
    const { id } = await carol.sendText(ANA, 'I saw your ad')
    await waiting(id)
    await carol.sendText(ANA, 'hello?')
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message.text).toBe('I saw your ad')
    const { items } = await trunk.manager.messages('ana', { chatId: CAROL })
    expect(items.map(({ text }) => text)).toEqual(['hello?', 'I saw your ad'])
    await eventually(awaited, (ids) => ids.length === 0)
  })

  it('comes when the session restarts before the phone was asked', async () => {
    withoutContent()
    const { id } = await carol.sendText(ANA, 'I saw your ad')
    await waiting(id)
    await trunk.manager.restartSession('ana')
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message.text).toBe('I saw your ad')
    await eventually(awaited, (ids) => ids.length === 0)
  })

  it('comes in the next process when this one ends at once, several of them in their order', async () => {
    withoutContent({ times: 3 })
    const ids: string[] = []
    for (const text of ['one', 'two', 'three']) ids.push((await carol.sendText(ANA, text)).id)
    await waiting(ids[2] ?? '')
    await trunk.manager.close()
    const next = live.manager({ store })
    await next.manager.start()
    for (const id of ids) await next.heardEvent('message', 'ana', ({ message }) => message.id === id)
    const { items } = await next.manager.messages('ana', { chatId: CAROL })
    expect(items.map(({ text }) => text)).toEqual(['three', 'two', 'one'])
  })

  it('comes from the phone, too, when it cannot be decrypted and its sender never sends it again', async () => {
    live.simulator.faults.on(
      { number: ANA, device: 1, direction: 'out', tag: 'message', where: ({ attrs }) => attrs.category !== 'peer' },
      { do: 'corrupt' },
    )
    const { id } = await carol.sendText(ANA, 'hard to read')
    await waiting(id)
    await trunk.manager.restartSession('ana')
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message.text).toBe('hard to read')
  })

  it('is not acknowledged while the store fails: the server sends it again', async () => {
    const faults = storeFaults(store)
    withoutContent()
    faults.failing.add('auth.commit')
    const from = trunk.heard.length
    const { id } = await carol.sendText(ANA, 'I saw your ad')
    await trunk.status('ana', 'reconnecting', from)
    faults.failing.clear()
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message.text).toBe('I saw your ad')
  })

  it('is waited for until the phone answers, however many logins that takes', async () => {
    withoutContent()
    const asked = live.simulator.faults.on(
      { number: ANA, device: 1, direction: 'in', tag: 'message', where: ({ attrs }) => attrs.category === 'peer' },
      { do: 'drop' },
      { times: 1 },
    )
    const { id } = await carol.sendText(ANA, 'I saw your ad')
    await waiting(id)
    await trunk.manager.restartSession('ana')
    await eventually(
      () => asked.hits,
      (hits) => hits === 1,
    )
    await trunk.manager.restartSession('ana')
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message.text).toBe('I saw your ad')
  })
})
