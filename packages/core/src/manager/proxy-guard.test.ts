import { describe, expect, it } from 'vitest'
import { checkProxy, proxyGuardOf } from './proxy-guard.js'

describe('the proxy of a session', () => {
  it.each([
    'http://127.0.0.1:8080',
    'http://[::ffff:127.0.0.1]:8080',
    'http://user:secret@2130706433',
    'http://0x7f.1',
    'socks5://[::1]:1080',
    'socks5://localhost:1080',
    'https://169.254.169.254',
    'http://10.0.0.1',
  ])('is refused at an inside address: %s', (proxyUrl) => {
    expect(() => checkProxy({ proxyUrl }, proxyGuardOf({}))).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: { errors: [expect.objectContaining({ field: 'settings.proxyUrl' })] },
      }),
    )
  })

  it('may be inside where the host allows it, or has chosen it for all', () => {
    const proxyUrl = 'http://10.0.0.1:3128'
    for (const options of [{ proxyAllow: ['10.0.0.0/8'] }, { defaultSettings: { proxyUrl } }])
      expect(() => checkProxy({ proxyUrl }, proxyGuardOf(options))).not.toThrow()
    for (const settings of [undefined, {}, { proxyUrl: null }, { proxyUrl: 'http://proxy.example' }])
      expect(() => checkProxy(settings, proxyGuardOf({}))).not.toThrow()
  })

  it('is judged by a list whose entries are named when they can never match', () => {
    expect(() => proxyGuardOf({ proxyAllow: ['10.0.0.1', 'http://proxy'] })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        details: { errors: [expect.objectContaining({ field: 'proxyAllow.1' })] },
      }),
    )
  })
})
