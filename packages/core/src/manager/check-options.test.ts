import { describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import { checkManagerOptions } from './check-options.js'

const store = createMemoryStore()

function refused(options: unknown): string[] {
  try {
    checkManagerOptions(options)
    return []
  } catch (error) {
    if (!TrunklineError.is(error, 'CONFIG_INVALID')) throw error
    expect(error.message).toContain(error.details.errors[0]?.field)
    return error.details.errors.map(({ field }) => field)
  }
}

describe('the options of the manager', () => {
  it.each<[string, unknown]>([
    ['none', {}],
    ['some that are undefined', { maxSessions: undefined, store: undefined }],
    ['a store, console as the logger', { store, logger: console }],
    ['addresses', { webSocketUrl: 'ws://127.0.0.1:1/ws', versionUrl: 'https://web.whatsapp.com/sw.js' }],
    ['nobody to ask for the version', { versionUrl: false, version: [2, 3000, 1] }],
    ['steps that are off', { maintenance: { cleanupIntervalMs: Number.POSITIVE_INFINITY } }],
    ['what is kept for ever', { retention: { messageMaxCount: Number.POSITIVE_INFINITY } }],
    ['settings', { defaultSettings: { markOnline: true, proxyUrl: 'http://127.0.0.1:8080' } }],
  ])('may be %s', (_, options) => {
    expect(refused(options)).toEqual([])
  })

  it.each<[unknown, string[]]>([
    [null, ['options']],
    [[], ['options']],
    ['memory', ['options']],
    [{ maxSesions: 3 }, ['maxSesions']],
    [{ maxSessions: Number.NaN }, ['maxSessions']],
    [{ maxSessions: '3' }, ['maxSessions']],
    [{ maxSessions: -1 }, ['maxSessions']],
    [{ maxSessions: 0 }, ['maxSessions']],
    [{ leaseTtlMs: 0 }, ['leaseTtlMs']],
    [{ leaseTtlMs: '15s' }, ['leaseTtlMs']],
    [{ connectsPerSecond: 0 }, ['connectsPerSecond']],
    [{ ackTimeoutMs: Number.NaN, qrLifetimeMs: -1 }, ['ackTimeoutMs', 'qrLifetimeMs']],
    [{ webSocketUrl: 'junk' }, ['webSocketUrl']],
    [{ webSocketUrl: 'http://127.0.0.1' }, ['webSocketUrl']],
    [{ versionUrl: true }, ['versionUrl']],
    [{ version: '2.3000' }, ['version']],
    [{ version: [2, 3000] }, ['version']],
    [{ owner: 5 }, ['owner']],
    [{ owner: '' }, ['owner']],
    [{ random: 0.5 }, ['random']],
    [{ store: 5 }, ['store']],
    [{ store: {} }, ['store']],
    [{ store: { ...store, events: undefined } }, ['store']],
    [{ logger: { info: () => {} } }, ['logger']],
    [{ clock: {} }, ['clock']],
    [{ connector: () => {} }, ['connector']],
    [{ retention: { maxEvnts: 1 } }, ['retention.maxEvnts']],
    [{ retention: { eventMaxAgeMs: 0 } }, ['retention.eventMaxAgeMs']],
    [{ retention: { auditMaxCount: Number.NaN } }, ['retention.auditMaxCount']],
    [
      { retention: { messageMaxCount: -1, archiveMaxAgeMs: '90d' } },
      ['retention.messageMaxCount', 'retention.archiveMaxAgeMs'],
    ],
    [{ maintenance: { healthCheckIntervalMs: 0 } }, ['maintenance.healthCheckIntervalMs']],
    [{ reconnect: { reconnectBaseMs: 0 } }, ['reconnect.reconnectBaseMs']],
    [{ defaultSettings: { nope: 1 } }, ['defaultSettings.nope']],
    [{ defaultSettings: { markOnline: 'yes' } }, ['defaultSettings.markOnline']],
    [{ defaultSettings: { proxyUrl: 'file:///x' } }, ['defaultSettings.proxyUrl']],
  ])('are refused by the name of what is wrong: %j', (options, fields) => {
    expect(refused(options).toSorted()).toEqual(fields.toSorted())
  })
})
