import { EventEmitter } from 'node:events'
import { ManualClock } from '@trunkline/conformance/testing'
import type { WASocket } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { guardListeners } from '../connection/adapt-socket.js'
import { toClose } from '../connection/disconnect-reason.js'
import { tapEvents } from '../connection/event-tap.js'
import { quietLogger } from '../connection/quiet-logger.js'
import { Watchdog } from '../connection/watchdog.js'
import { fromContent } from './from-content.js'
import { toChatChange } from './to-history.js'

/** The shape of the errors that Baileys closes with. */
function boom(message: string, { statusCode, data }: { statusCode: number; data: unknown }): Error {
  return Object.assign(new Error(message), { output: { statusCode }, data })
}

describe('toClose', () => {
  it('takes number, message and the attributes of the stanza that ended the connection', () => {
    const node = { tag: 'conflict', attrs: { type: 'device_removed' } }
    expect(toClose(boom('Stream Errored (conflict)', { statusCode: 401, data: node }))).toEqual({
      statusCode: 401,
      message: 'Stream Errored (conflict)',
      attributes: { type: 'device_removed' },
    })
    expect(
      toClose(boom('Connection Failure', { statusCode: 402, data: { reason: '402', expire: '60' } })),
    ).toMatchObject({
      attributes: { reason: '402', expire: '60' },
    })
    expect(toClose(boom('WebSocket Error (x)', { statusCode: 408, data: new Error('x') })).attributes).toBeUndefined()
    expect(toClose(undefined)).toEqual({ message: 'The connection was closed' })
  })
})

describe('tapEvents', () => {
  it('hears events when they are emitted, and a failing tap stops nothing', () => {
    const heard: unknown[] = []
    const emitter = new EventEmitter()
    const socket = { ev: { emit: emitter.emit.bind(emitter) } } as unknown as WASocket
    const errors: unknown[] = []
    emitter.on('messages.upsert', () => heard.push('baileys'))
    tapEvents(
      socket,
      {
        'messages.upsert': () => {
          heard.push('tap')
          throw new Error('a mistake')
        },
      },
      (error) => errors.push(error),
    )
    socket.ev.emit('messages.upsert', { messages: [], type: 'notify' })
    expect(heard).toEqual(['tap', 'baileys'])
    expect(errors).toHaveLength(1)
  })
})

describe('guardListeners', () => {
  it('catches what handlers throw and what they reject with later', async () => {
    const emitter = new EventEmitter()
    emitter.on('message', async () => {
      await Promise.resolve()
      throw new Error('unreadable')
    })
    emitter.on('CB:success', () => {
      throw new Error('at once')
    })
    const errors: string[] = []
    guardListeners(emitter, (error, event) => errors.push(`${event}: ${(error as Error).message}`))
    emitter.emit('message')
    emitter.emit('CB:success')
    await new Promise((resolve) => setImmediate(resolve))
    expect(errors.sort()).toEqual(['CB:success: at once', 'message: unreadable'])
  })
})

describe('quietLogger', () => {
  it('lets only the sentences of warnings and errors through, without fields, numbers and JIDs', () => {
    const lines: [object, string][] = []
    const none = () => undefined
    const logger = {
      debug: (fields: object, text: string) => void lines.push([fields, text]),
      info: none,
      warn: none,
      error: none,
    }
    const quiet = quietLogger(logger)
    quiet.info({ key: 'secret' }, 'not this')
    quiet.error({ key: 'secret' }, 'failed for 15550000001@s.whatsapp.net')
    quiet.child({}).warn('plain sentence')
    quiet.warn({ key: 'secret' })
    expect(lines).toEqual([
      [{ from: 'baileys' }, 'failed for …'],
      [{ from: 'baileys' }, 'plain sentence'],
    ])
  })
})

describe('fromContent', () => {
  it('names the field of a mention that is nobody', () => {
    expect(() =>
      fromContent({ content: { text: 'x', mentions: ['15550000001', 'nobody'] } }, '15550000001:1@s.whatsapp.net'),
    ).toThrow(expect.objectContaining({ code: 'RECIPIENT_INVALID', details: { field: 'mentions.1', to: 'nobody' } }))
  })
})

describe('toChatChange', () => {
  it.each([
    [{ id: '15550000001@s.whatsapp.net', unreadCount: 3 }, { id: '15550000001@s.whatsapp.net' }],
    [
      { id: '15550000001@s.whatsapp.net', unreadCount: 0 },
      { id: '15550000001@s.whatsapp.net', unreadCount: 0 },
    ],
    [{ id: 'x@g.us' }, { id: 'x@g.us' }],
    [{}, undefined],
    [
      { id: '120363000000000001@g.us', archived: true, pinned: 1_764_000_000, name: 'Group' },
      { id: '120363000000000001@g.us', archived: true, pinned: true, name: 'Group' },
    ],
    [
      { id: '120363000000000001@g.us', muteEndTime: 1_764_000_000 },
      { id: '120363000000000001@g.us', mutedUntil: '2025-11-24T16:00:00.000Z' },
    ],
    [
      { id: '120363000000000001@g.us', muteEndTime: null },
      { id: '120363000000000001@g.us', mutedUntil: null },
    ],
  ])('%o', (chat, expected) => {
    expect(toChatChange(chat as Parameters<typeof toChatChange>[0])).toEqual(expected)
  })
})

describe('Watchdog', () => {
  it('goes off once after its time, anew after each sign of progress, and not when disarmed', async () => {
    const clock = new ManualClock()
    const expired: number[] = []
    const watchdog = new Watchdog({ clock, timeoutMs: 100, onExpired: () => expired.push(1) })
    watchdog.arm()
    await clock.advance(90)
    watchdog.arm()
    await clock.advance(90)
    expect(expired).toHaveLength(0)
    await clock.advance(10)
    expect([expired.length, clock.pending]).toEqual([1, 0])
    watchdog.arm()
    watchdog.disarm()
    await clock.advance(1_000)
    expect(expired).toHaveLength(1)
  })
})
