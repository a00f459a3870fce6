import { startSimulator } from '@trunkline/simulator'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { memoryAuth, TestClient } from '../../simulator/test/client.js'
import { createSignalRepository, type KeyStorage } from '../src/index.js'
import { WireTap } from './parties.js'

const BOT = '15550000001'
const CUSTOMER = '15550000002'
const MESSAGES = 40

function encryptedPartsOf(node: BinaryNode): BinaryNode[] {
  if (node.tag === 'enc') return [node]
  return Array.isArray(node.content) ? node.content.flatMap(encryptedPartsOf) : []
}

it.each([0, 2, 10])(
  'a bot under bursts loses nothing and uses no key twice, at a store latency of %i ms',
  async (ms) => {
    const simulator = await startSimulator({ seed: `wire ${ms}` })
    const wire = new WireTap()
    const reused: unknown[] = []
    let sent = 0
    simulator.tap(({ direction, number, node }) => {
      if (direction !== 'in' || number !== BOT || node.tag !== 'message') return
      for (const { attrs, content } of encryptedPartsOf(node)) {
        if (attrs.type !== 'msg' && attrs.type !== 'pkmsg') continue
        sent++
        try {
          wire.oneToOne({ type: attrs.type, ciphertext: content as Uint8Array })
        } catch (error) {
          reused.push(error)
        }
      }
    })
    const [phone, customer] = await Promise.all([
      simulator.createPhone({ number: BOT, name: 'Bot' }),
      simulator.createPhone({ number: CUSTOMER, name: 'Customer' }),
    ])
    const auth = memoryAuth()
    const { keys } = auth
    const late = () => (ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined)
    auth.keys = {
      get: async (type, ids) => {
        await late()
        return keys.get(type, ids)
      },
      set: async (data) => {
        await late()
        await keys.set(data)
      },
    }
    const makeSignalRepository = createSignalRepository({ keys: auth.keys as unknown as KeyStorage })
    const bot = new TestClient(simulator, auth, { makeSignalRepository })
    try {
      await phone.scanQr(await bot.qr())
      await bot.opened()
      const answered = new Set<string>()
      const answer = () => {
        for (const { message } of bot.messages) {
          const text = message.message?.conversation ?? message.message?.extendedTextMessage?.text
          const to = message.key.remoteJid
          if (!text?.startsWith('question') || message.key.fromMe || !to || answered.has(text)) continue
          answered.add(text)
          void bot.sendText(to, `re: ${text}`)
        }
        return answered.size === MESSAGES
      }
      const all = bot.until(answer, 'every question', 40_000)
      for (let index = 0; index < MESSAGES; index++) {
        await customer.sendText(BOT, `question ${index}`)
        if (index % 5 === 4) await new Promise((resolve) => setTimeout(resolve, 30))
      }
      await all
      for (let index = 0; index < MESSAGES; index++)
        await customer.waitForMessage(`re: question ${index}`, { timeoutMs: 40_000 })
      expect(reused).toEqual([])
      expect(sent).toBeGreaterThanOrEqual(MESSAGES)
      expect(customer.failures).toEqual([])
    } finally {
      bot.close()
      await simulator.close()
    }
  },
  60_000,
)
