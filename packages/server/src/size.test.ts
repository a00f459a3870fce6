import { expect, it } from 'vitest'
import { parseSize } from './size.js'

it.each([
  ['0', 0],
  ['1048576', 1_048_576],
  ['5KB', 5_120],
  ['500mb', 524_288_000],
  [' 10GB ', 10_737_418_240],
  ['1TB', 1_099_511_627_776],
  ['', undefined],
  ['-1', undefined],
  ['1.5GB', undefined],
  ['1 GB', undefined],
  ['1PB', undefined],
  ['999999999999999TB', undefined],
])('%o are %o bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))
