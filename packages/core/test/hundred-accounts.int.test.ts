import type { Phone, TappedStanza } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ACCOUNTS = 100
const LINKS_AT_A_TIME = 8
const CONNECTS_PER_SECOND = 15
const OUTSIDERS = ['15559000001', '15559000002', '15559000003', '15559000004', '15559000005']
const MESSAGES_EACH = 3
const PATIENCE_MS = 120_000

const numbers = Array.from({ length: ACCOUNTS }, (_, index) => `1555100${String(index).padStart(4, '0')}`)

describe('a hundred accounts in one process', () => {
  let live: Live
  let trunk: LiveManager
  let outsiders: Phone[]

  beforeAll(async () => {
    live = await Live.start('hundred accounts')
    trunk = live.manager({ connectsPerSecond: CONNECTS_PER_SECOND })
    outsiders = await Promise.all(OUTSIDERS.map((number) => live.phone(number, 'Outsider')))
    const waiting = [...numbers]
    const link = async () => {
      for (let number = waiting.shift(); number; number = waiting.shift()) {
        await trunk.link(number, await live.phone(number, `Account ${number}`))
      }
    }
    await Promise.all(Array.from({ length: LINKS_AT_A_TIME }, link))
  }, 2 * PATIENCE_MS)

  afterAll(() => live[Symbol.asyncDispose](), PATIENCE_MS)

  it(
    'all come back after a storm, no faster than the throttle allows, without a 440 and without a lost or doubled message',
    async () => {
      const { simulator } = live
      const droppedAt = performance.now()
      const replacements: TappedStanza[] = []
      const logins: { number: string; afterMs: number }[] = []
      simulator.tap((stanza) => {
        const { direction, node, number = '' } = stanza
        if (direction !== 'out') return
        if (node.tag === 'success') logins.push({ number, afterMs: performance.now() - droppedAt })
        if (node.tag === 'stream:error') replacements.push(stanza)
      })
      const from = trunk.heard.length
      expect(simulator.faults.dropAll()).toBe(ACCOUNTS)

      // Some of these wait for accounts that are away, others meet accounts that are just coming back.
      const sent = numbers.map((): string[] => [])
      for (let round = 0; round < MESSAGES_EACH; round += 1) {
        for (const [index, number] of numbers.entries()) {
          const text = `message ${round} for ${number}`
          await outsiders[(index + round) % outsiders.length]?.sendText(number, text)
          sent[index]?.push(text)
        }
      }
      await Promise.all(numbers.map((number) => trunk.status(number, 'connected', from)))
      const received = () => trunk.heard.slice(from).filter(({ name }) => name === 'message').length
      await eventually(received, (count) => count >= ACCOUNTS * MESSAGES_EACH)

      for (const [index, number] of numbers.entries()) {
        const heard = trunk.events('message', number).map(({ message }) => message.text)
        expect([...heard].sort(), number).toEqual([...(sent[index] ?? [])].sort())
        expect(await trunk.store.messages.count(number), number).toBe(MESSAGES_EACH)
      }
      expect(replacements).toEqual([])
      expect(logins.map(({ number }) => number).sort()).toEqual(numbers)
      const intervalMs = 1000 / CONNECTS_PER_SECOND
      for (const [index, { afterMs }] of logins.entries()) expect(afterMs).toBeGreaterThan(index * intervalMs)
      expect(simulator.connections).toHaveLength(ACCOUNTS)
      expect(simulator.unhandled).toEqual([])
      expect(simulator.violations).toEqual([])
    },
    PATIENCE_MS,
  )
})
