import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parse, parseBody, parseQuery } from './input.js'

/** The fields that are refused, or nothing. */
function refused(work: () => unknown): string[] {
  try {
    work()
    return []
  } catch (error) {
    const { details } = error as { details: { errors: { field: string }[] } }
    return details.errors.map(({ field }) => field)
  }
}

describe('a query', () => {
  it('with thousands of names is refused as a whole, without a list of them', () => {
    const names = Array.from({ length: 4_283 }, (_, index) => `n${index}=`)
    expect(refused(() => parseQuery(undefined, new URLSearchParams(names.join('&'))))).toEqual(['query'])
  })

  it('with a name that is given twice is refused by it', () => {
    expect(refused(() => parseQuery(undefined, new URLSearchParams('a=1&b=2&a=3&a=4')))).toEqual(['a'])
  })
})

describe('what is wrong', () => {
  it('is told of a few fields, however many there are', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 1]))
    expect(refused(() => parse(z.strictObject({}), many, 'body'))).toHaveLength(20)
    const list = Array.from({ length: 5_000 }, () => 1)
    expect(refused(() => parse(z.array(z.string()), list, 'body'))).toHaveLength(20)
  })

  it('is told in few signs, however long the name of a field is', () => {
    const [field = ''] = refused(() => parse(z.strictObject({}), { ['x'.repeat(1_000_000)]: 1 }, 'body'))
    expect(field).toHaveLength(300)
  })
})

describe('a body that is not there', () => {
  const json = z.strictObject({ until: z.string().optional() })
  const nothing = [undefined, '', new Uint8Array()]

  it.each(nothing)('is as an empty object where it may be left out (%j)', (body) => {
    expect(parseBody({ json, optional: true }, body, {})).toEqual({})
  })

  it.each(nothing)('is refused elsewhere (%j)', (body) => {
    expect(refused(() => parseBody({ json }, body, {}))).toEqual(['body'])
  })

  it.each(['null', '[]', '""', '{"never":1}'])('is not what %s is', (body) => {
    const headers = { 'content-type': 'application/json' }
    expect(refused(() => parseBody({ json, optional: true }, body, headers))).toHaveLength(1)
  })
})

describe('a body of JSON', () => {
  const read = (contentType: string, body: string | Uint8Array) =>
    parseBody({ json: z.unknown() }, body, { 'content-type': contentType })

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON; charset=utf8',
    'application/merge-patch+json; v=1; charset=us-ascii',
  ])('is taken as %s', (contentType) => {
    expect(read(contentType, '{"a":"ü"}')).toEqual({ a: 'ü' })
  })

  it.each([
    'application/json; charset=utf-16',
    'application/json; charset=UTF-16LE',
    'application/json; charset=iso-8859-1',
    'application/json; charset=',
    'text/json',
    '',
  ])('is refused as %j', (contentType) => {
    expect(() => read(contentType, Buffer.from('{"a":1}', 'utf16le'))).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
    )
  })
})
