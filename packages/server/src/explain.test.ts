import { TrunklineError } from '@trunkline/core'
import { describe, expect, it } from 'vitest'
import { atVariable, explain } from './explain.js'

const system = (code: string, text: string) =>
  Object.assign(new Error(`${code}: ${text}, open '/srv/data/trunkline.db'`), { code, path: '/srv/data/trunkline.db' })

describe('what an operator reads', () => {
  it.each([
    ['EACCES', 'permission denied'],
    ['ENOTDIR', 'not a directory'],
    ['EISDIR', 'illegal operation on a directory'],
    ['EROFS', 'read-only file system'],
    ['ENOSPC', 'no space left on device'],
    ['EMFILE', 'too many open files'],
  ])('names the variable, the path and what the system said: %s', (code, text) => {
    const error = new TrunklineError('STORE_UNAVAILABLE', { cause: system(code, text) })
    expect(explain(atVariable(error, 'DATA_DIR /srv/data'))).toBe(
      `STORE_UNAVAILABLE: DATA_DIR /srv/data: The store does not answer: ${code}: ${text}, open '/srv/data/trunkline.db'`,
    )
  })

  it('names the variable where a store refuses what it was given', () => {
    const errors = [
      { field: 'path', message: "/srv/data/trunkline.db cannot be used: EISDIR: … '/srv/data/trunkline.db'" },
    ]
    const error = new TrunklineError('CONFIG_INVALID', { message: `path ${errors[0]?.message}`, details: { errors } })
    const named = atVariable(error, 'DATA_DIR /srv/data')
    expect(explain(named)).toBe(
      "DATA_DIR /srv/data: path /srv/data/trunkline.db cannot be used: EISDIR: … '/srv/data/trunkline.db'",
    )
    expect(named).toMatchObject({ code: 'CONFIG_INVALID', details: { errors: [{ field: 'DATA_DIR' }] } })
  })

  it('goes down to the last cause and says nothing twice', () => {
    const driver = new Error('connect ECONNREFUSED 127.0.0.1:1', {
      cause: new Error('connect ECONNREFUSED 127.0.0.1:1'),
    })
    const error = new TrunklineError('STORE_UNAVAILABLE', {
      cause: new Error('No server was found', { cause: driver }),
    })
    expect(explain(error)).toBe(
      'STORE_UNAVAILABLE: The store does not answer: No server was found: connect ECONNREFUSED 127.0.0.1:1',
    )
  })

  it('never has the password of an address in it', () => {
    const error = new Error('cannot reach mongodb://ada:p@ss/w@db.example/trunkline nor https://ben:x@proxy')
    expect(explain(error)).toBe('cannot reach mongodb://…@db.example/trunkline nor https://…@proxy')
  })

  it('has no code for settings, whose text names the variable', () => {
    const errors = [{ field: 'PORT', message: 'is taken' }]
    expect(explain(new TrunklineError('CONFIG_INVALID', { message: 'PORT is taken', details: { errors } }))).toBe(
      'PORT is taken',
    )
  })

  it.each([new Error(''), 'a text', undefined, null, { odd: true }])('is a line whatever was thrown: %s', (thrown) => {
    expect(explain(thrown)).toMatch(/^.+$/)
  })
})
