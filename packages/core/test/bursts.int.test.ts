import type { BinaryNode } from '@whiskeysockets/baileys'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type Store } from '../src/index.js'
import { deferred } from '../src/util/deferred.js'
import { Live } from './support/live.js'

const BOT = '15550000001'
const OTHER = '15550000002'
const CUSTOMERS = ['15550000003', '15550000004']
const QUESTIONS = 30

/** Every message is about the ratchet key and the counter that its ciphertext names. */
function keyOf({ attrs, content }: BinaryNode): string {
  const bytes = content as Uint8Array
  const message = attrs.type === 'pkmsg' ? (fieldOf(bytes.subarray(1), 4) as Uint8Array) : bytes
  const fields = message.subarray(1, -8)
  return `${Buffer.from(fieldOf(fields, 1) as Uint8Array).toString('hex')} ${fieldOf(fields, 2) ?? 0}`
}

/** One field of a protobuf message that has varints and bytes only. */
function fieldOf(bytes: Uint8Array, wanted: number): Uint8Array | number | undefined {
  let offset = 0
  const varint = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[offset++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  while (offset < bytes.length) {
    const tag = varint()
    const value = varint()
    const isBytes = tag % 8 === 2
    if (Math.floor(tag / 8) === wanted) return isBytes ? bytes.subarray(offset, offset + value) : value
    if (isBytes) offset += value
  }
  return undefined
}

function encryptedPartsOf(node: BinaryNode): BinaryNode[] {
  if (node.tag === 'enc') return node.attrs.type === 'skmsg' ? [] : [node]
  return Array.isArray(node.content) ? node.content.flatMap(encryptedPartsOf) : []
}

/** Every read and commit of the keys takes this long. */
function slowed(store: Store, latencyMs: number): Store {
  const { auth } = store
  const late = () => latencyMs > 0 && new Promise((resolve) => setTimeout(resolve, latencyMs))
  const { readKeys, commit } = { readKeys: auth.readKeys.bind(auth), commit: auth.commit.bind(auth) }
  auth.readKeys = async (...args) => {
    await late()
    return readKeys(...args)
  }
  auth.commit = async (...args) => {
    await late()
    await commit(...args)
  }
  return store
}

describe('accounts on the wire', () => {
  let live: Live

  afterEach(() => live[Symbol.asyncDispose]())

  it.each([0, 2, 10])(
    'answer bursts, lose nothing and use no message key twice, at a store latency of %i ms',
    async (latencyMs) => {
      live = await Live.start(`bursts ${latencyMs}`)
      const used: string[] = []
      live.simulator.tap(({ direction, number, node }) => {
        if (direction === 'in' && number === BOT && node.tag === 'message')
          used.push(...encryptedPartsOf(node).map(keyOf))
      })
      const bot = await live.phone(BOT, 'Bot')
      const customers = await Promise.all(CUSTOMERS.map((number) => live.phone(number, `Customer ${number}`)))
      const trunk = live.manager({ store: slowed(createMemoryStore(), latencyMs) })
      await trunk.link('bot', bot)
      const answers: Promise<unknown>[] = []
      trunk.manager.on('message', ({ message }) => {
        answers.push(trunk.manager.send('bot', { to: message.chatId, text: `re: ${message.text}` }))
      })
      for (let index = 0; index < QUESTIONS; index += 1) {
        for (const [which, customer] of customers.entries())
          await customer.sendText(BOT, `question ${index} of ${which}`)
        // Bursts of five; between them, answers and questions cross.
        if (index % 5 === 4)
          await trunk.heardEvent('message', 'bot', ({ message }) => message.text === `question ${index} of 0`)
      }
      for (const [which, customer] of customers.entries()) {
        for (let index = 0; index < QUESTIONS; index += 1) {
          await customer.waitForMessage(`re: question ${index} of ${which}`)
        }
        expect(customer.failures).toEqual([])
      }
      await Promise.all(answers)
      expect(trunk.events('message', 'bot')).toHaveLength(QUESTIONS * CUSTOMERS.length)
      // Each answer goes to the customer's phone and to the bot's own.
      expect(used.length).toBeGreaterThanOrEqual(2 * QUESTIONS * CUSTOMERS.length)
      expect(new Set(used).size).toBe(used.length)
    },
    30_000,
  )

  it('do not wait for each other: one finishes 100 operations while a commit of the other is held open', async () => {
    live = await Live.start('held open')
    const [bot, other, customer] = [
      await live.phone(BOT, 'Bot'),
      await live.phone(OTHER, 'Other'),
      await live.phone(CUSTOMERS[0] ?? '', 'Customer'),
    ]
    const store = createMemoryStore()
    const trunk = live.manager({ store })
    await Promise.all([trunk.link('bot', bot), trunk.link('other', other)])
    for (const id of ['bot', 'other']) await trunk.manager.send(id, { to: customer.number, text: `hello from ${id}` })

    const commit = store.auth.commit.bind(store.auth)
    const [reached, released] = [deferred(), deferred()]
    store.auth.commit = async (sessionId, batch, options) => {
      if (sessionId === 'bot' && batch.puts?.some(({ type }) => type === 'session')) {
        reached.resolve()
        await released.promise
      }
      await commit(sessionId, batch, options)
    }
    const held = trunk.manager.send('bot', { to: customer.number, text: 'held' })
    await reached.promise
    for (let turn = 0; turn < 50; turn += 1) {
      const sent = await trunk.manager.send('other', { to: customer.number, text: `out ${turn}` })
      expect(sent.status).toBe('sent')
      await customer.sendText(OTHER, `in ${turn}`)
      await trunk.heardEvent('message', 'other', ({ message }) => message.text === `in ${turn}`)
    }
    expect(customer.messages.filter(({ text }) => text === 'held')).toEqual([])
    released.resolve()
    expect((await held).status).toBe('sent')
    await customer.waitForMessage('held')
  })
})
