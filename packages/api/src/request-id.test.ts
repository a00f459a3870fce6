import { describe, expect, it } from 'vitest'
import { requestIdOf } from './request-id.js'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('the id of a request', () => {
  it.each(['a', '7f3c', 'web-1:0042.trace_9', 'a'.repeat(128)])('%s is taken as it came', (given) => {
    expect(requestIdOf({ 'x-request-id': given })).toBe(given)
  })

  it.each([
    [undefined],
    [''],
    ['a b'],
    ['a\nb'],
    ['<script>'],
    ['"quoted"'],
    ['-begins-with-a-sign'],
    ['ä'],
    ['a'.repeat(129)],
    [['one', 'two']],
  ])('%j is not: another one is made', (given) => {
    expect(requestIdOf({ 'x-request-id': given })).toMatch(UUID)
  })
})
