import { EventEmitter } from 'node:events'
import type { MongoClient } from 'mongodb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MonitorWatch } from './monitor-watch.js'

const [CONNECT_MS, PAUSE_MS] = [10_000, 10_000]
const A = { connectionId: 'a:27017', address: 'a:27017' }

/** A client of which only the heartbeats are told, and what is done with it. */
function watched(connectTimeoutMS = CONNECT_MS) {
  const done: string[] = []
  const client = Object.assign(new EventEmitter(), {
    options: { connectTimeoutMS, heartbeatFrequencyMS: PAUSE_MS },
    close: async () => void done.push('close'),
    connect: async () => {
      done.push('connect')
      if (done.length === 2) throw new Error('away')
    },
  })
  return { client, done, watch: new MonitorWatch(client as unknown as MongoClient) }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

it('connects anew, until that succeeds, when nothing is heard of a server for too long', async () => {
  const { client, done, watch } = watched()
  client.emit('serverHeartbeatStarted', A)
  vi.advanceTimersByTime(30_999)
  expect(done).toEqual([])
  vi.advanceTimersByTime(1)
  await vi.waitFor(() => expect(done).toEqual(['close', 'connect', 'connect']), { timeout: 5_000 })
  await watch.end()
  expect(client.eventNames()).toEqual([])
})

it('leaves a client alone whose heartbeats go on, or end as its servers leave', async () => {
  const { client, done } = watched()
  for (let beat = 0; beat < 5; beat += 1) {
    client.emit('serverHeartbeatStarted', A)
    vi.advanceTimersByTime(20_000)
    client.emit(beat % 2 === 0 ? 'serverHeartbeatSucceeded' : 'serverHeartbeatFailed', A)
    vi.advanceTimersByTime(10_000)
  }
  client.emit('serverHeartbeatStarted', A)
  client.emit('serverClosed', A)
  // A canceled heartbeat that tells so later.
  client.emit('serverHeartbeatFailed', A)
  vi.advanceTimersByTime(100_000)
  expect(done).toEqual([])
})

it('hears first what came in while the process stood still', () => {
  const { client, done } = watched()
  client.emit('serverHeartbeatStarted', A)
  vi.advanceTimersByTime(30_500)
  client.emit('serverHeartbeatSucceeded', A)
  vi.advanceTimersByTime(30_500)
  expect(done).toEqual([])
})

it('watches the next heartbeat also when one that was canceled tells so after it has begun', async () => {
  const { client, done, watch } = watched()
  client.emit('serverHeartbeatStarted', A)
  client.emit('serverHeartbeatStarted', A)
  client.emit('serverHeartbeatFailed', A)
  vi.advanceTimersByTime(31_000)
  await Promise.resolve()
  expect(done[0]).toBe('close')
  await watch.end()
})

it('watches nothing where connecting may take for ever', () => {
  expect(watched(0).client.eventNames()).toEqual([])
})
