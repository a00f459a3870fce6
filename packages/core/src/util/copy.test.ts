import { describe, expect, it } from 'vitest'
import { copyOf } from './copy.js'

describe('copyOf', () => {
  const pool = Buffer.from('before the bytes and after')

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a text', 'x'],
    ['an empty object', {}],
    ['a member that is undefined', { a: undefined }],
    ['lists in lists', [[1, [2]], []]],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a member called __proto__', { data: JSON.parse('{"__proto__":{"admin":"yes"}}') }],
  ])('copies %s', (_what, value) => {
    expect(copyOf(value)).toStrictEqual(value)
  })

  it('shares nothing that can be changed', () => {
    const given = { list: [{ n: 1 }], bytes: new Uint8Array([1]), map: { a: 'x' } }
    const copy = copyOf(given)
    given.list.push({ n: 2 })
    given.list[0] = { n: 9 }
    given.bytes[0] = 9
    given.map.a = 'changed'
    expect(copy).toEqual({ list: [{ n: 1 }], bytes: new Uint8Array([1]), map: { a: 'x' } })
  })

  it('keeps no buffer that the bytes are only a part of', () => {
    const { bytes } = copyOf({ bytes: pool.subarray(11, 16) })
    expect([...bytes]).toEqual([...Buffer.from('bytes')])
    expect(bytes.buffer.byteLength).toBe(5)
  })

  it('gives no object another prototype', () => {
    const copy = copyOf(JSON.parse('{"__proto__":{"admin":true}}') as { admin?: boolean })
    expect(copy.admin).toBeUndefined()
    expect(Object.keys(copy)).toEqual(['__proto__'])
  })
})
