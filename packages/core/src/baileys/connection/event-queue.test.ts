import { describe, expect, it } from 'vitest'
import type { ConnectionEvent, Inbound, WireMessage } from '../../ports/connector.js'
import { type Deferred, deferred } from '../../util/deferred.js'
import { EventQueue } from './event-queue.js'

const inbound = (id: string) => ({ message: { id } as WireMessage }) satisfies Inbound
const messages = (...ids: string[]): ConnectionEvent => ({ type: 'messages', inbound: ids.map(inbound) })
const ack = (id: string): ConnectionEvent => ({ type: 'ack', id })
const receipt = (id: string): ConnectionEvent => ({ type: 'receipt', ids: [id], chatId: 'c', status: 'read', at: '' })
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** What an event says, in a word or two. */
function summaryOf(event: ConnectionEvent): string {
  if (event.type === 'messages') return event.inbound.map((one) => ('message' in one ? one.message.id : '')).join('+')
  return event.type === 'receipt' ? `receipt ${event.ids[0]}` : event.type === 'ack' ? `ack ${event.id}` : event.type
}

/** A queue whose events are handled when the test says so. */
function setUp({ maxTogether = 100 } = {}) {
  const begun: string[] = []
  const running = new Map<string, Deferred<void>>()
  const queue = new EventQueue({
    maxTogether,
    handle: (event) => {
      const work = deferred()
      begun.push(summaryOf(event))
      running.set(summaryOf(event), work)
      return work.promise
    },
  })
  const finish = async (name: string) => {
    running.get(name)?.resolve()
    await turn()
  }
  return { queue, begun, finish }
}

describe('the events of a connection', () => {
  it('are handed on later than they come, one after the other', async () => {
    const { queue, begun, finish } = setUp()
    queue.push({ type: 'passkey' })
    queue.push(receipt('A'))
    expect(begun).toEqual([])
    await turn()
    expect(begun).toEqual(['passkey'])
    await finish('passkey')
    expect(begun).toEqual(['passkey', 'receipt A'])
  })

  it('that are messages and have waited come together, in their order and up to a number', async () => {
    const { queue, begun, finish } = setUp({ maxTogether: 3 })
    for (const id of ['A', 'B', 'C', 'D', 'E']) queue.push(messages(id))
    queue.push(receipt('M'))
    queue.push(messages('F'))
    await turn()
    for (const name of ['A+B+C', 'D+E', 'receipt M', 'F']) {
      expect(begun.at(-1)).toBe(name)
      await finish(name)
    }
    expect(begun).toEqual(['A+B+C', 'D+E', 'receipt M', 'F'])
  })

  it('that are acks do not wait for messages, only for earlier acks', async () => {
    const { queue, begun, finish } = setUp()
    queue.push(messages('A'))
    await turn()
    queue.push(ack('1'))
    queue.push(ack('2'))
    await turn()
    expect(begun).toEqual(['A', 'ack 1'])
    await finish('ack 1')
    expect(begun).toEqual(['A', 'ack 1', 'ack 2'])
  })

  it('that are receipts come after the acks that were there before them', async () => {
    const { queue, begun, finish } = setUp()
    queue.push(ack('1'))
    queue.push(receipt('1'))
    queue.push(ack('2'))
    await turn()
    expect(begun).toEqual(['ack 1'])
    await finish('ack 1')
    expect(begun).toEqual(['ack 1', 'ack 2', 'receipt 1'])
  })

  it('are all handled before the queue is idle, and none comes after it was closed', async () => {
    const { queue, begun, finish } = setUp()
    let idle = false
    queue.push(messages('A'))
    queue.push(ack('1'))
    const closed = queue.close().then(() => {
      idle = true
    })
    queue.push(messages('late'))
    await turn()
    await finish('ack 1')
    expect(idle).toBe(false)
    await finish('A')
    await closed
    expect(begun.sort()).toEqual(['A', 'ack 1'])
  })
})
