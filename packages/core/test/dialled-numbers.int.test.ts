import type { BinaryNode } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type Store } from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'

describe('numbers that WhatsApp knows under another one', () => {
  let live: Live
  let store: Store
  let trunk: LiveManager

  beforeEach(async () => {
    live = await Live.start('dialled-numbers')
    const ana = await live.phone(ANA, 'Ana')
    store = createMemoryStore()
    trunk = live.manager({ store })
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  /** Whoever asks for one number is told of the other one, as WhatsApp does. */
  function knows(number: string, { as }: { as: string }) {
    const asked = `+${number}`
    const renamed = (node: BinaryNode): BinaryNode => {
      if (Array.isArray(node.content)) return { ...node, content: node.content.map(renamed) }
      return textOf(node) === asked ? { ...node, content: Buffer.from(`+${as}`) } : node
    }
    const isAsked = (node: BinaryNode): boolean =>
      Array.isArray(node.content) ? node.content.some(isAsked) : textOf(node) === asked
    return live.simulator.faults.on(
      { number: ANA, direction: 'in', tag: 'iq', xmlns: 'usync', where: isAsked },
      { do: 'replace', with: renamed },
    )
  }

  it.each([
    ['Brazil', '5511988880001', '551188880001'],
    ['Brazil, the other way', '552188880002', '5521988880002'],
    ['Mexico', '525512345678', '5215512345678'],
    ['Argentina', '541123456789', '5491123456789'],
    ['a country of which nobody has heard that it does so', '49151000001', '4915100000001'],
  ])('are found by the number that was dialled, after a restart too: %s', async (_country, dialled, known) => {
    const customer = await live.phone(known, 'Customer')
    const rule = knows(dialled, { as: known })
    const { chatId } = await trunk.manager.send('ana', { to: dialled, text: 'hello' })
    await customer.sendText(ANA, 'hi')
    await trunk.heardEvent('message', 'ana')
    const texts = async ({ manager }: LiveManager, number: string) =>
      (await manager.messages('ana', { chatId: number })).items.map(({ text }) => text)
    for (const number of [dialled, known, `+${dialled}`, `${dialled}@c.us`]) {
      expect((await trunk.manager.chat('ana', number)).id).toBe(chatId)
      expect(await texts(trunk, number)).toEqual(['hi', 'hello'])
    }
    await trunk.manager.close()

    const next = live.manager({ store })
    expect((await next.manager.chat('ana', dialled)).id).toBe(chatId)
    expect(await texts(next, dialled)).toEqual(['hi', 'hello'])
    await next.manager.start()
    await next.status('ana', 'connected')
    const questions = rule.hits
    expect((await next.manager.send('ana', { to: dialled, text: 'again' })).chatId).toBe(chatId)
    expect(rule.hits).toBe(questions)
    expect(await texts(next, dialled)).toEqual(['again', 'hi', 'hello'])
  })

  it('are found by both forms of their country when the customer wrote first and nobody has dialled', async () => {
    const customer = await live.phone('551188880001', 'Customer')
    await customer.sendText(ANA, 'hi')
    const { message } = await trunk.heardEvent('message', 'ana')
    expect((await trunk.manager.chat('ana', '5511988880001')).id).toBe(message.chatId)
    expect((await trunk.manager.messages('ana', { chatId: '+55 (11) 98888-0001' })).items).toHaveLength(1)
    await expect(trunk.manager.chat('ana', '5511988880009')).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
  })

  it('repeat a request under its own id to the same chat, by either number', async () => {
    await live.phone('551188880001', 'Customer')
    knows('5511988880001', { as: '551188880001' })
    const request = { text: 'hello', clientMessageId: 'c1' }
    const first = await trunk.manager.send('ana', { to: '5511988880001', ...request })
    const second = await trunk.manager.send('ana', { to: '551188880001', ...request })
    expect(second.id).toBe(first.id)
  })
})

function textOf({ content }: BinaryNode): string | undefined {
  return content instanceof Uint8Array || typeof content === 'string' ? Buffer.from(content).toString() : undefined
}
