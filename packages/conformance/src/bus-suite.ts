import type { ClusterBus } from '@trunkline/core/store'
import { describe, expect, it } from 'vitest'

/** Where buses of several nodes meet. */
export interface BusNetwork {
  /** The bus of one more node; every bus reaches every other when it resolves. */
  join(): Promise<ClusterBus>
  /** Everything that `join` made is closed by then. */
  close(): Promise<void>
}

export interface BusUnderTest {
  name: string
  /** A fresh network, for one test. */
  network(): Promise<BusNetwork>
}

/** One promise of the bus port, as a test. */
export interface BusCase {
  name: string
  run(join: () => Promise<ClusterBus>): Promise<void>
}

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)
const PATIENT = { timeoutMs: 20_000 }

export const busCases: readonly BusCase[] = [
  {
    name: 'brings a question to who answers on its topic, and the answer back, byte for byte',
    async run(join) {
      const [one, other] = [await join(), await join()]
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      await one.answer('node.one', async (data) => Uint8Array.from(data).reverse())
      await one.answer('node.empty', async (data) => data)
      const answer = await other.ask('node.one', all, PATIENT)
      expect(answer).toMatchObject({ kind: 'answer' })
      if (answer.kind === 'answer') expect([...answer.data]).toEqual([...all].reverse())
      const empty = await other.ask('node.empty', new Uint8Array(), PATIENT)
      if (empty.kind === 'answer') expect(empty.data.byteLength).toBe(0)
      expect(empty.kind).toBe('answer')
    },
  },
  {
    name: 'brings many questions at once, each its own answer',
    async run(join) {
      const [one, other] = [await join(), await join()]
      await one.answer('node.one', async (data) => bytes(`${text(data)}!`))
      const asked = Array.from({ length: 100 }, (_, n) => `${n}`)
      const answers = await Promise.all(asked.map((n) => other.ask('node.one', bytes(n), PATIENT)))
      expect(answers.map((answer) => (answer.kind === 'answer' ? text(answer.data) : answer.kind))).toEqual(
        asked.map((n) => `${n}!`),
      )
    },
  },
  {
    name: 'says that nobody answers there, before and after somebody did',
    async run(join) {
      const [one, other] = [await join(), await join()]
      expect(await other.ask('node.one', bytes('?'), PATIENT)).toEqual({ kind: 'nobody' })
      const end = await one.answer('node.one', async (data) => data)
      expect((await other.ask('node.one', bytes('?'), PATIENT)).kind).toBe('answer')
      await end()
      expect(await other.ask('node.one', bytes('?'), PATIENT)).toEqual({ kind: 'nobody' })
    },
  },
  {
    name: 'answers what was begun before it stops to answer',
    async run(join) {
      const [one, other] = [await join(), await join()]
      const begun: (() => void)[] = []
      const end = await one.answer('node.one', async (data) => {
        await new Promise<void>((finish) => begun.push(finish))
        return data
      })
      const asking = other.ask('node.one', bytes('slow'), PATIENT)
      await until(() => begun.length === 1)
      const ended = end()
      for (const finish of begun) finish()
      await ended
      expect((await asking).kind).toBe('answer')
    },
  },
  {
    name: 'gives up a question in time, also one whose answer failed',
    async run(join) {
      const [one, other] = [await join(), await join()]
      await one.answer('node.one', () => new Promise(() => {}))
      await one.answer('node.two', () => Promise.reject(new Error('not for others')))
      expect(await other.ask('node.one', bytes('?'), { timeoutMs: 30 })).toEqual({ kind: 'timeout' })
      expect(await other.ask('node.two', bytes('?'), { timeoutMs: 30 })).toEqual({ kind: 'timeout' })
    },
  },
  {
    name: 'gives up a question when its caller does',
    async run(join) {
      const [one, other] = [await join(), await join()]
      const controller = new AbortController()
      await one.answer('node.one', () => {
        controller.abort()
        return new Promise(() => {})
      })
      const asking = other.ask('node.one', bytes('?'), { ...PATIENT, signal: controller.signal })
      await expect(asking).rejects.toMatchObject({ code: 'OPERATION_ABORTED' })
      const again = other.ask('node.one', bytes('?'), { ...PATIENT, signal: controller.signal })
      await expect(again).rejects.toMatchObject({ code: 'OPERATION_ABORTED' })
    },
  },
  {
    name: 'tells everybody else who listens, in order, and nobody besides',
    async run(join) {
      const [one, ...others] = [await join(), await join(), await join()]
      const heard: string[][] = [[], [], []]
      const every = [one, ...others] as ClusterBus[]
      const ready = every.map(async (bus, place) => {
        await bus.listen('event.*', (data, topic) => heard[place]?.push(`${topic} ${text(data)}`))
        await bus.listen('other.*', (data) => heard[place]?.push(`other ${text(data)}`))
      })
      await Promise.all(ready)
      for (let n = 0; n < 200; n += 1) one?.tell(`event.${n % 2 ? 'a' : 'b'}`, bytes(`${n}`))
      one?.tell('other.end', bytes('end'))
      await until(() => heard.slice(1).every((of) => of.includes('other end')))
      const news = Array.from({ length: 200 }, (_, n) => `event.${n % 2 ? 'a' : 'b'} ${n}`)
      expect(heard).toEqual([[], [...news, 'other end'], [...news, 'other end']])
    },
  },
  {
    name: 'tells nobody who has stopped to listen, and a topic by its whole name',
    async run(join) {
      const [one, other] = [await join(), await join()]
      const heard: string[] = []
      const stop = await other.listen('event.a', (data) => heard.push(`a ${text(data)}`))
      await other.listen('event.ab', (data) => heard.push(`ab ${text(data)}`))
      one.tell('event.a', bytes('1'))
      one.tell('event.ab', bytes('1'))
      await until(() => heard.includes('ab 1'))
      stop()
      one.tell('event.a', bytes('2'))
      one.tell('event.ab', bytes('2'))
      await until(() => heard.includes('ab 2'))
      expect(heard).toEqual(['a 1', 'ab 1', 'ab 2'])
    },
  },
  {
    name: 'refuses what is too large, and goes on',
    async run(join) {
      const [one, other] = [await join(), await join()]
      const heard: number[] = []
      await one.answer('node.one', async (data) => bytes(`${data.byteLength}`))
      await one.listen('event.a', (data) => heard.push(data.byteLength))
      const large = new Uint8Array(other.maxBytes + 1)
      expect(await other.ask('node.one', large, PATIENT)).toEqual({ kind: 'too-large' })
      other.tell('event.a', large)
      const whole = await other.ask('node.one', new Uint8Array(other.maxBytes), PATIENT)
      expect(whole.kind === 'answer' && text(whole.data)).toBe(`${other.maxBytes}`)
      other.tell('event.a', bytes('small'))
      await until(() => heard.length > 0)
      expect(heard).toEqual([5])
    },
  },
  {
    name: 'reaches nobody any more when it is closed, and says so at once',
    async run(join) {
      const [one, other] = [await join(), await join()]
      await one.answer('node.one', async (data) => data)
      expect(other.isReachable).toBe(true)
      await other.close()
      await other.close()
      expect(other.isReachable).toBe(false)
      expect(await other.ask('node.one', bytes('?'), PATIENT)).toEqual({ kind: 'unreachable' })
      other.tell('event.a', bytes('?'))
    },
  },
]

/**
 * The promises of a `ClusterBus`, as vitest tests:
 *
 *     busSuite({ name: 'mine', network: async () => ({ join: async () => createMyBus(), close: async () => {} }) })
 */
export function busSuite(subject: BusUnderTest): void {
  describe(`${subject.name}: bus`, () => {
    for (const one of busCases) it(one.name, () => runBusCase(one, subject), 60_000)
  })
}

/** Runs one case on a fresh network; rejects when the bus breaks the promise. */
export async function runBusCase(one: BusCase, subject: BusUnderTest): Promise<void> {
  const network = await subject.network()
  const joined: ClusterBus[] = []
  try {
    await one.run(async () => {
      const bus = await network.join()
      joined.push(bus)
      return bus
    })
  } finally {
    for (const bus of joined) await bus.close()
    await network.close()
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('It never came')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
