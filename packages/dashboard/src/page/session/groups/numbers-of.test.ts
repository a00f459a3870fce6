import { expect, it } from 'vitest'
import { numbersOf } from './numbers-of.js'

it.each([
  ['', []],
  [' \n, ;', []],
  ['+51 987 654 321\n15550000002', ['+51 987 654 321', '15550000002']],
  ['1555,1666; 1777\r\n1555', ['1555', '1666', '1777']],
])('of %j the numbers are %j', (text, numbers) => expect(numbersOf(text)).toEqual(numbers))
