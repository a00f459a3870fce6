import type { Client } from '@trunkline/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Session } from '../types.js'
import { LiveSessions } from './live-sessions.js'

const at = '2026-11-29T10:00:00.000Z'
const session = (id: string): Session => ({
  id,
  metadata: {},
  status: 'stopped',
  health: 'ok',
  desired: 'running',
  settings: {},
  counters: { sent: 0, received: 0, failed: 0, chats: 0 },
  attempts: { count: 0 },
  createdAt: at,
  updatedAt: at,
})

/** What the store uses of a client: a list, and events that the test tells. */
class FakeClient {
  readonly listeners = new Map<string, (event: object) => void>()
  readonly events = {
    state: { status: 'open' },
    on: (name: string, listener: (event: object) => void) => {
      this.listeners.set(name, listener)
      return () => this.listeners.delete(name)
    },
    onState: () => () => {},
    onSettled: (listener: () => void) => {
      this.settled = listener
      return () => {
        this.settled = undefined
      }
    },
  }
  settled: (() => void) | undefined
  stored = [session('shop'), session('help')]
  readonly sessions = { list: () => this.#list() }

  async *#list() {
    yield* this.stored
  }

  tell(name: string, event: object): void {
    this.listeners.get(name)?.({ at: '2026-11-29T12:00:00.000Z', seq: 1, metadata: {}, ...event })
  }
}

describe('the live sessions', () => {
  const frames: (() => void)[] = []
  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame))
    vi.stubGlobal('cancelAnimationFrame', () => {})
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    frames.length = 0
  })
  const nextFrame = () => {
    for (const frame of frames.splice(0)) frame()
  }

  async function started() {
    const fake = new FakeClient()
    const live = new LiveSessions(fake as unknown as Client)
    const told = vi.fn()
    const stop = live.subscribe(told)
    await vi.waitFor(() => expect(frames).toHaveLength(1))
    nextFrame()
    told.mockClear()
    return { fake, live, told, stop }
  }

  it('tell of a thousand changes in one frame once, and of none in none', async () => {
    const { fake, live, told } = await started()
    for (let number = 0; number < 1_000; number += 1) fake.tell('message', { sessionId: 'shop', message: {} })
    expect(told).not.toHaveBeenCalled()
    nextFrame()
    expect(told).toHaveBeenCalledTimes(1)
    expect(live.one('shop')?.counters.received).toBe(1_000)
    nextFrame()
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('leave a session that nothing happened to as it is, so that its row is not drawn again', async () => {
    const { fake, live } = await started()
    const before = live.one('help')
    fake.tell('session.status', { sessionId: 'shop', status: 'connecting', previousStatus: 'stopped' })
    nextFrame()
    expect(live.one('help')).toBe(before)
    expect(live.snapshot().sessions.map(({ status }) => status)).toEqual(['connecting', 'stopped'])
  })

  it('do not let the answer to a call undo an event that was faster', async () => {
    const { fake, live } = await started()
    fake.tell('session.status', { sessionId: 'shop', status: 'awaiting_scan', previousStatus: 'connecting' })
    live.put({ ...session('shop'), status: 'connecting' })
    expect(live.one('shop')?.status).toBe('awaiting_scan')
  })

  it('are read again when the server has told where each stands: what happened before that is in no event', async () => {
    const { fake, live } = await started()
    fake.stored = [{ ...session('shop'), status: 'awaiting_scan' }, session('help')]
    fake.settled?.()
    await vi.waitFor(() => expect(frames).toHaveLength(1))
    nextFrame()
    expect(live.snapshot().sessions.map(({ status }) => status)).toEqual(['awaiting_scan', 'stopped'])
  })

  it('hear nothing any more once nobody looks', async () => {
    const { fake, stop } = await started()
    stop()
    expect([[...fake.listeners.keys()], fake.settled]).toEqual([[], undefined])
  })
})
