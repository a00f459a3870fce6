import { describe, expect, it } from 'vitest'
import { mergeSettings, settingsCheck, showSettings, trimSettings } from './session-settings.js'

const settingsErrors = (settings: unknown) => settingsCheck(settings, 'settings')

describe('settings', () => {
  it.each([
    'http://proxy.example:3128',
    'https://user:p%40ss@proxy.example',
    'socks4://10.0.0.1:1080',
    'socks5://user:secret@[::1]:1080',
  ])('takes %s for a proxy', (proxyUrl) => {
    expect(settingsErrors({ proxyUrl })).toEqual([])
  })

  it.each([
    '',
    'proxy.example:3128',
    'ftp://proxy.example',
    'file:///etc/passwd',
    'socks5://',
    'http://user:%zz@proxy.example',
    'socks5://user:***@proxy.example',
    `http://${'x'.repeat(3_000)}`,
    'http://x\r\ny',
    'http://user:se\tcret@proxy.example',
    'http://proxy.example/\u0000',
  ])('refuses %j, naming the field and not the value', (proxyUrl) => {
    const [error] = settingsErrors({ proxyUrl })
    expect(error?.field).toBe('settings.proxyUrl')
    expect(error?.message).not.toContain('example')
  })
})

describe('mergeSettings', () => {
  it.each([
    [{ markOnline: true }, { rejectCalls: true }, { markOnline: true, rejectCalls: true }],
    [{ markOnline: true }, { markOnline: null }, {}],
    [{ proxyUrl: 'http://a' }, { proxyUrl: undefined as never }, { proxyUrl: 'http://a' }],
    [
      { preload: { type: 'all', limit: 1 } as const },
      { preload: { type: 'none', limit: 0 } as const },
      { preload: { type: 'none', limit: 0 } },
    ],
  ])('%j changed by %j is %j', (settings, changes, merged) => {
    expect(mergeSettings(settings, changes)).toEqual(merged)
  })
})

describe('showSettings', () => {
  it.each([
    [{ markOnline: true }, { markOnline: true }],
    [{ proxyUrl: 'socks5://user@proxy.example:1080' }, { proxyUrl: 'socks5://user@proxy.example:1080' }],
    [{ proxyUrl: 42 as never }, { proxyUrl: '***' }],
    [{ proxyUrl: '//user:secret@proxy' }, { proxyUrl: '***' }],
    [{ proxyUrl: 'socks5://user:secret@proxy.example:1080' }, { proxyUrl: 'socks5://user:***@proxy.example:1080' }],
  ])('shows %j as %j', (settings, shown) => {
    expect(showSettings(settings)).toEqual(shown)
  })
})

it('settings are stored without the blanks around their texts', () => {
  const settings = { deviceName: ' Shop ', proxyUrl: ' http://proxy.example ', markOnline: true, readOnReceive: null }
  expect(trimSettings(settings)).toEqual({
    deviceName: 'Shop',
    proxyUrl: 'http://proxy.example',
    markOnline: true,
    readOnReceive: null,
  })
})
