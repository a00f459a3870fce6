import { ManualClock, settled } from '@trunkline/conformance/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { SessionWorld } from '../../test/support/session-world.js'
import { createMemoryNetwork } from '../memory/memory-bus.js'
import type { ClusterBus } from '../ports/cluster-bus.js'
import type { SessionCommand } from '../session/commands.js'
import { systemClock } from '../util/system-clock.js'
import { CommandDesk } from './command-desk.js'
import { topicOfNode } from './message.js'
import { RemoteCommands } from './remote-commands.js'

/** What a newer version may ask for: a command, or a request within one, that this version does not have. */
const NEWER = [
  { kind: 'fly', height: 3 },
  { kind: 'groups', request: { kind: 'fly' } },
] as unknown as SessionCommand[]

/** By the leases. */
let now = 0

describe('a node of one version asked by a node of another', () => {
  let desk: CommandDesk
  let asker: ClusterBus
  let commands: RemoteCommands
  let logger: ReturnType<typeof recordingLogger>

  beforeEach(async () => {
    const world = await SessionWorld.connected()
    const network = createMemoryNetwork()
    logger = recordingLogger()
    asker = network.bus()
    const run = (_sessionId: string, command: SessionCommand) => world.session.execute(command, {})
    desk = new CommandDesk({
      bus: network.bus(),
      clock: systemClock,
      node: 'old',
      media: undefined,
      leases: { now: async () => now },
      logger,
      run,
      asked: async () => undefined,
    })
    await desk.open()
    const leaseFree = async () => false
    commands = new RemoteCommands({
      bus: asker,
      clock: systemClock,
      media: undefined,
      leases: { now: async () => now },
      leaseFree,
    })
  })
  afterEach(() => desk.close())

  it.each(NEWER)('says that it does not know %j, and the caller is told so', async (command) => {
    const packed = await commands.pack('s', command, {})
    await expect(packed.ask('old')).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringContaining('another version'),
      details: { sessionId: 's', owner: 'old' },
    })
    await settled()
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('says what it is at when it is asked meanwhile', async () => {
    const ask = async (message: object) => {
      const answer = await asker.ask(topicOfNode('old'), Buffer.from(JSON.stringify({ v: 1, ...message })), {
        timeoutMs: 10_000,
      })
      return answer.kind === 'answer' ? JSON.parse(Buffer.from(answer.data).toString()) : answer
    }
    const working = ask({ id: 'a', beginBy: now, sessionId: 's', command: { kind: 'qr' } })
    expect(await ask({ about: 'ping', id: 'a' })).toEqual({ v: 1, kind: 'done', result: true })
    await working
    expect(await ask({ about: 'ping', id: 'a' })).toEqual({ v: 1, kind: 'done', result: false })
  })

  it('does nothing of what comes so late that nobody waits for it any more', async () => {
    const packed = await commands.pack('s', { kind: 'qr' }, {})
    await expect(packed.ask('old')).rejects.toMatchObject({ code: 'QR_NOT_AVAILABLE' })
    const { ask } = asker
    asker.ask = (...given) => {
      now += 5_001
      return ask.apply(asker, given)
    }
    expect(await packed.ask('old')).toBe('moved')
  })

  it('says the same of a whole message of another version, and of what is no message', async () => {
    for (const text of ['{"v":2,"sessionId":"s","command":{"kind":"qr"}}', 'not JSON', '[]', 'null', '{"v":1}']) {
      const answer = await asker.ask(topicOfNode('old'), Buffer.from(text), { timeoutMs: 10_000 })
      const reply = answer.kind === 'answer' ? JSON.parse(Buffer.from(answer.data).toString()) : answer
      expect([text, reply]).toEqual([text, { v: 1, kind: 'unknown' }])
    }
  })
})

describe('a node that starts', () => {
  /** A bus that is reached when the test says so. */
  function lateBus() {
    const listeners = new Set<(isReachable: boolean) => void>()
    const bus = {
      isReachable: false,
      maxBytes: 1_000,
      onReachable(listener: (isReachable: boolean) => void) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      answer: async () => async () => {},
    } as unknown as ClusterBus
    const reach = () => {
      for (const listener of listeners) listener(true)
    }
    return { bus, listeners, reach }
  }
  function opening(bus: ClusterBus) {
    const clock = new ManualClock()
    const desk = new CommandDesk({
      bus,
      clock,
      node: 'n',
      media: undefined,
      leases: { now: async () => now },
      logger: recordingLogger(),
      run: async () => undefined,
      asked: async () => undefined,
    })
    const state = { open: false }
    const opened = desk.open().then(() => {
      state.open = true
    })
    return { clock, state, opened }
  }

  it('is ready when its bus is reached', async () => {
    const { bus, listeners, reach } = lateBus()
    const { state, opened } = opening(bus)
    await settled()
    expect(state.open).toBe(false)
    reach()
    await opened
    expect(listeners.size).toBe(0)
  })

  it('goes on without a bus that is not there', async () => {
    const { bus, listeners } = lateBus()
    const { clock, state, opened } = opening(bus)
    await settled()
    await clock.advance(1_999)
    expect(state.open).toBe(false)
    await clock.advance(1)
    await opened
    expect(listeners.size).toBe(0)
  })
})
