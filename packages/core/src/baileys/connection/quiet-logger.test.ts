import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../../test/support/recording-logger.js'
import { quietLogger } from './quiet-logger.js'

function written(sentence: string): string {
  const logger = recordingLogger()
  quietLogger(logger).error({}, sentence)
  return logger.lines.map(({ message }) => message).join('\n')
}

describe('what Baileys says', () => {
  it.each([
    ['15550000001@s.whatsapp.net'],
    ['200000000000001:3@lid'],
    ['120363000000000001@g.us'],
    ['15550000001-1600000000@g.us'],
    [randomBytes(32).toString('base64')],
    [Buffer.from('no digit in this key material').toString('base64').replace(/\d/g, 'x')],
    [randomBytes(32).toString('hex')],
    ['2@abcDEF+/ghiJKLmnoPQRstuVWXyz=='],
  ])('loses %s', (secret) => {
    const line = written(`it failed for ${secret}, again`)
    expect(line).toMatch(/^it failed for …,? again$/)
  })

  it('is cut where it is long', () => {
    expect(written('word '.repeat(1_000)).length).toBeLessThanOrEqual(200)
  })

  it('is written at debug level, without the fields, by children too, and only where it is a warning or an error', () => {
    const logger = recordingLogger()
    const quiet = quietLogger(logger)
    const fields = { key: 'secret' }
    for (const one of [quiet, quiet.child(fields), quiet.child(fields).child(fields)]) {
      for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) one[level](fields, `said at ${level}`)
      one.error('a sentence alone')
      one.error(fields)
      one.error(new Error('an error alone'))
    }
    expect(new Set(logger.lines.map(({ level }) => level))).toEqual(new Set(['debug']))
    expect(logger.lines.slice(0, 3).map(({ message }) => message)).toEqual([
      'said at warn',
      'said at error',
      'a sentence alone',
    ])
    expect(logger.lines).toHaveLength(9)
    expect(JSON.stringify(logger.lines)).not.toContain('secret')
  })

  it('is silent for Baileys, which asks for the level before it dumps frames', () => {
    expect(quietLogger(recordingLogger()).level).toBe('silent')
  })
})
