import { expect, it } from 'vitest'
import { headersOf } from './headers-text.js'

it.each([
  ['', {}],
  ['\n \n', {}],
  ['Authorization: Bearer a:b', { Authorization: 'Bearer a:b' }],
  [' X-Team :sales \r\nX-Empty:', { 'X-Team': 'sales', 'X-Empty': '' }],
  ['Authorization Bearer', { wrongLine: 1 }],
  ['A: b\n: c', { wrongLine: 2 }],
])('reads %j', (text, headers) => expect(headersOf(text)).toEqual(headers))
