import { EventEmitter } from 'node:events'
import type { Socket } from 'socket.io'
import { expect, it } from 'vitest'
import { SendBuffer } from './send-buffer.js'

/** The connection of Engine.IO as far as it tells what it does. */
class FakeConnection extends EventEmitter {
  transport = new EventEmitter()
  write(bytes: number): void {
    this.emit('packetCreate', { data: 'x'.repeat(bytes) })
  }
}

function bufferOf(connection: FakeConnection, maxBytes = 1000) {
  const clock = { now: 0 }
  let full = 0
  const buffer = new SendBuffer(connection as unknown as Socket['conn'], {
    maxBytes,
    onFull: () => {
      full += 1
    },
    now: () => clock.now,
  })
  return { buffer, clock, timesFull: () => full }
}

const never = new AbortController().signal

async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false
  void promise.then(() => {
    done = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return done
}

it('is drained when the transport has sent what it took, and nothing came meanwhile', async () => {
  const connection = new FakeConnection()
  const { buffer } = bufferOf(connection)
  await buffer.drained(never)
  connection.write(10)
  connection.emit('flush')
  connection.write(20)
  const drained = buffer.drained(never)
  connection.transport.emit('drain')
  expect(await settled(drained)).toBe(false)
  connection.emit('flush')
  connection.transport.emit('drain')
  await drained
  expect(buffer.sentBytes).toBe(30)
})

it('follows a connection from polling to WebSocket', async () => {
  const connection = new FakeConnection()
  const { buffer } = bufferOf(connection)
  connection.transport = new EventEmitter()
  connection.emit('upgrade')
  connection.write(10)
  connection.emit('flush')
  const drained = buffer.drained(never)
  connection.transport.emit('drain')
  await drained
})

it('stops waiting when the signal is aborted', async () => {
  const connection = new FakeConnection()
  const { buffer } = bufferOf(connection)
  connection.write(10)
  const gone = new AbortController()
  const drained = buffer.drained(gone.signal)
  gone.abort()
  await drained
})

it('says once that too much waits, whatever of it the transport has taken', () => {
  const connection = new FakeConnection()
  const { timesFull } = bufferOf(connection)
  connection.write(600)
  connection.emit('flush')
  expect(timesFull()).toBe(0)
  connection.write(600)
  connection.write(600)
  expect(timesFull()).toBe(1)
})

it('tells how long the client has taken nothing', () => {
  const connection = new FakeConnection()
  const { buffer, clock } = bufferOf(connection)
  connection.write(10)
  connection.emit('flush')
  clock.now = 5000
  expect(buffer.stalledMs).toBe(5000)
  connection.transport.emit('drain')
  expect(buffer.stalledMs).toBe(0)
})
