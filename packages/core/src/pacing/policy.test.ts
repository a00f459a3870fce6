import { describe, expect, it } from 'vitest'
import type { SendRestriction } from '../types/queue.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, type SendHistory } from './history.js'
import { limitsOf, type PacingLimits } from './limits.js'
import { type PolicySend, waitFor } from './policy.js'
import { quietUntil } from './quiet-hours.js'
import { afterSignal, signalOfRefusal } from './restrictions.js'
import { typingTime } from './typing-time.js'

const NOW = Date.UTC(2026, 2, 2, 12)
const OFF = limitsOf(undefined, { now: NOW, linkedAt: undefined })
const iso = (time: number) => new Date(time).toISOString()

const send = (changes: Partial<PolicySend> = {}): PolicySend => ({
  chatId: 'a',
  priority: 'normal',
  isNewConversation: false,
  jitter: 0.5,
  ...changes,
})

const history = (changes: Partial<SendHistory> = {}): SendHistory => ({
  sent: [],
  newChats: [],
  lastOfChat: new Map(),
  ...changes,
})

interface Row {
  limits?: Partial<PacingLimits>
  history?: Partial<SendHistory>
  restrictions?: SendRestriction[]
  send?: Partial<PolicySend>
  /** After so long, and why, with when that is over where it is asked about before; nothing: at once. */
  wait?: [number, string, 'chat' | 'session', number?]
}

const lock = (code: SendRestriction['code'], ms: number): SendRestriction => ({
  code,
  since: iso(NOW - 1_000),
  until: iso(NOW + ms),
})

describe('the policy of pacing', () => {
  it.each<[string, Row]>([
    ['lets go what nothing limits', { history: { sent: Array.from({ length: 5_000 }, () => NOW) } }],
    ['lets go below the limit of a minute', { limits: { perMinute: 2 }, history: { sent: [NOW - 1_000] } }],
    [
      'waits until the oldest has left the minute',
      {
        limits: { perMinute: 2 },
        history: { sent: [NOW - 50_000, NOW - 1_000] },
        wait: [10_000, 'PACING_MINUTE', 'session'],
      },
    ],
    ['lets go when the oldest leaves it', { limits: { perMinute: 1 }, history: { sent: [NOW - MINUTE_MS] } }],
    [
      'waits for the hour',
      {
        limits: { perHour: 1 },
        history: { sent: [NOW - MINUTE_MS] },
        wait: [59 * MINUTE_MS, 'PACING_HOUR', 'session'],
      },
    ],
    [
      'waits for the day, which holds longest',
      {
        limits: { perMinute: 1, perHour: 1, perDay: 1 },
        history: { sent: [NOW - 1_000] },
        wait: [DAY_MS - 1_000, 'PACING_DAY', 'session'],
      },
    ],
    [
      'holds back new conversations alone when those of a day are used up',
      {
        limits: { newChatsPerDay: 1 },
        history: { newChats: [NOW - HOUR_MS] },
        send: { isNewConversation: true },
        wait: [23 * HOUR_MS, 'PACING_NEW_CHATS', 'chat'],
      },
    ],
    ['lets answers go then', { limits: { newChatsPerDay: 1 }, history: { newChats: [NOW - HOUR_MS] } }],
    [
      'begins no conversation where none may be',
      { limits: { newChatsPerDay: 0 }, send: { isNewConversation: true }, wait: [DAY_MS, 'PACING_NEW_CHATS', 'chat'] },
    ],
    [
      'keeps the gap of a chat, by chance between the least and the most',
      {
        limits: { chatGapMs: [2_000, 6_000] },
        history: { lastOfChat: new Map([['a', NOW - 1_000]]) },
        wait: [3_000, 'PACING_CHAT_GAP', 'chat'],
      },
    ],
    [
      'keeps it in no other chat',
      { limits: { chatGapMs: [2_000, 6_000] }, history: { lastOfChat: new Map([['b', NOW]]) } },
    ],
    [
      'leaves a fifth of each limit to those of more priority',
      {
        limits: { perHour: 5 },
        history: { sent: [1, 2, 3, 4].map((n) => NOW - n * 1_000).reverse() },
        send: { priority: 'low' },
        wait: [HOUR_MS - 4_000, 'PACING_HOUR', 'chat'],
      },
    ],
    [
      'of which they make use',
      { limits: { perHour: 5 }, history: { sent: [1, 2, 3, 4].map((n) => NOW - n * 1_000).reverse() } },
    ],
    [
      'sends nothing in quiet hours',
      {
        limits: { quietHours: { from: '11:00', to: '13:30', timeZone: 'UTC' } },
        wait: [90 * MINUTE_MS, 'PACING_QUIET_HOURS', 'session'],
      },
    ],
    [
      'begins no conversation while WhatsApp locks that',
      {
        restrictions: [lock('REACHOUT_TIMELOCK', HOUR_MS)],
        send: { isNewConversation: true },
        wait: [5 * MINUTE_MS, 'REACHOUT_TIMELOCK', 'chat', HOUR_MS],
      },
    ],
    ['answers while WhatsApp locks new conversations', { restrictions: [lock('REACHOUT_TIMELOCK', HOUR_MS)] }],
    ['answers under a cap of new conversations', { restrictions: [lock('NEW_CHAT_CAP', HOUR_MS)] }],
    [
      'begins none under that cap',
      {
        restrictions: [lock('NEW_CHAT_CAP', HOUR_MS)],
        send: { isNewConversation: true },
        wait: [5 * MINUTE_MS, 'NEW_CHAT_CAP', 'chat', HOUR_MS],
      },
    ],
    [
      'sends nothing while WhatsApp finds it too much',
      { restrictions: [lock('RATE_LIMITED', 60_000)], wait: [60_000, 'RATE_LIMITED', 'session'] },
    ],
  ])('%s', (_name, row) => {
    const limits = { ...OFF, ...row.limits }
    const state = { limits, history: history(row.history), restrictions: row.restrictions ?? [], now: NOW }
    const wait = waitFor(send(row.send), state)
    if (!row.wait) return expect(wait).toBeUndefined()
    const [ms, code, holds, until = ms] = row.wait
    expect(wait).toMatchObject({ at: NOW + ms, holds, waitingFor: { code, until: iso(NOW + until) } })
  })
})

describe('quiet hours', () => {
  const night = { from: '22:00', to: '07:30', timeZone: 'Europe/Berlin' }
  it.each([
    ['before they begin', night, '2026-01-10T20:59:59Z', undefined],
    ['from their first moment on', night, '2026-01-10T21:00:00Z', '2026-01-11T06:30:00Z'],
    ['over midnight', night, '2026-01-11T03:12:34Z', '2026-01-11T06:30:00Z'],
    ['to their end, which is not quiet any more', night, '2026-01-11T06:30:00Z', undefined],
    ['in summer', night, '2026-07-10T20:00:00Z', '2026-07-11T05:30:00Z'],
    ['over the night of nine hours, when clocks go forward', night, '2026-03-28T21:00:00Z', '2026-03-29T05:30:00Z'],
    ['over the night of eleven hours, when they go back', night, '2026-10-24T20:00:00Z', '2026-10-25T06:30:00Z'],
    [
      'that end in the hour which is left out',
      { from: '22:00', to: '02:30', timeZone: 'Europe/Berlin' },
      '2026-03-28T23:30:00Z',
      '2026-03-29T01:00:00Z',
    ],
    [
      'in the hour that comes twice, the first time',
      { from: '02:00', to: '02:30', timeZone: 'Europe/Berlin' },
      '2026-10-25T00:10:00Z',
      '2026-10-25T00:30:00Z',
    ],
    [
      'in the hour that comes twice, the second time',
      { from: '02:00', to: '02:30', timeZone: 'Europe/Berlin' },
      '2026-10-25T01:10:00Z',
      '2026-10-25T01:30:00Z',
    ],
    [
      'where the clocks go by half an hour',
      { from: '00:00', to: '06:00', timeZone: 'Australia/Lord_Howe' },
      '2026-04-04T14:00:00Z',
      '2026-04-04T19:30:00Z',
    ],
    [
      'a quarter of an hour beside the others',
      { from: '21:00', to: '06:00', timeZone: 'Asia/Kathmandu' },
      '2026-05-01T16:00:00Z',
      '2026-05-02T00:15:00Z',
    ],
  ])('%s', (_name, hours, now, until) => {
    const found = quietUntil(hours, Date.parse(now))
    expect(found === undefined ? undefined : iso(found)).toBe(until && iso(Date.parse(until)))
  })
})

describe('presets', () => {
  it('grow from the first day of an account to that of a busy person, and never beyond', () => {
    const of = (days: number) => limitsOf({ preset: 'warm_up' }, { now: NOW, linkedAt: NOW - days * DAY_MS })
    const careful = limitsOf({ preset: 'careful' }, { now: NOW, linkedAt: NOW })
    expect(of(0)).toMatchObject({ perMinute: 4, perHour: 20, perDay: 50, newChatsPerDay: 5 })
    expect(limitsOf({ preset: 'warm_up' }, { now: NOW, linkedAt: undefined })).toEqual(of(0))
    for (let day = 1; day < 20; day += 1) {
      for (const name of ['perMinute', 'perHour', 'perDay', 'newChatsPerDay'] as const) {
        expect(of(day)[name]).toBeGreaterThanOrEqual(of(day - 1)[name])
        expect(of(day)[name]).toBeLessThanOrEqual(careful[name])
      }
    }
    expect(of(14)).toEqual(careful)
  })

  it('give way to what is said beside them', () => {
    const limits = limitsOf({ preset: 'careful', perMinute: 3, typing: false }, { now: NOW, linkedAt: NOW })
    expect(limits).toMatchObject({ perMinute: 3, perHour: 200, typing: false })
    expect(limitsOf({ preset: 'off', perDay: 7 }, { now: NOW, linkedAt: NOW }).perDay).toBe(7)
  })
})

describe("WhatsApp's signals", () => {
  const at = { restrictions: [], refusals: 1, now: NOW }

  it('463 closes new conversations, for an hour as long as nobody says until when', () => {
    const signal = signalOfRefusal('463', at)
    expect(signal && afterSignal([], signal, NOW)).toEqual([
      { code: 'REACHOUT_TIMELOCK', since: iso(NOW), until: iso(NOW + HOUR_MS) },
    ])
    expect(signalOfRefusal('463', { ...at, restrictions: [lock('REACHOUT_TIMELOCK', DAY_MS)] })).toBeUndefined()
  })

  it.each([
    [1, MINUTE_MS],
    [2, 2 * MINUTE_MS],
    [4, 8 * MINUTE_MS],
    [20, HOUR_MS],
  ])('429 for the %i. time in a row pauses for %i ms', (refusals, ms) => {
    expect(signalOfRefusal('429', { ...at, refusals })).toEqual({ code: 'RATE_LIMITED', active: true, until: NOW + ms })
  })

  it('any other refusal is that of one message', () => {
    for (const code of ['479', '400', '475', 'MESSAGE_FAILED']) expect(signalOfRefusal(code, at)).toBeUndefined()
  })

  it('that end are over, and those whose time has come go with the next', () => {
    const locked = [lock('REACHOUT_TIMELOCK', HOUR_MS), lock('RATE_LIMITED', -1)]
    expect(afterSignal(locked, { code: 'REACHOUT_TIMELOCK', active: false }, NOW)).toEqual([])
    const later = { code: 'REACHOUT_TIMELOCK', active: true, until: NOW + DAY_MS } as const
    expect(afterSignal(locked, later, NOW)).toEqual([
      { code: 'REACHOUT_TIMELOCK', since: iso(NOW - 1_000), until: iso(NOW + DAY_MS) },
    ])
  })
})

describe('typing', () => {
  it('takes the time that the text needs, never less than a moment and never longer than anybody watches', () => {
    expect(typingTime(0, 0.5)).toBe(800)
    expect(typingTime(100, 0.5)).toBe(6_000)
    expect(typingTime(100, 0)).toBe(4_800)
    expect(typingTime(5_000, 0)).toBe(12_000)
  })
})
