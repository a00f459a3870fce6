import { expect, it } from 'vitest'
import { deferred } from './deferred.js'

it('settles its promise from outside, once', async () => {
  const one = deferred<number>()
  one.resolve(1)
  one.resolve(2)
  one.reject(new Error('too late'))
  expect(await one.promise).toBe(1)
  const other = deferred()
  other.reject(new Error('no'))
  await expect(other.promise).rejects.toThrow('no')
})
