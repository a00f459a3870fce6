import { expect, it } from 'vitest'
import { BoundedMap } from './bounded-map.js'

it('forgets what was used longest ago', () => {
  const map = new BoundedMap<string, number>({ max: 2 })
  map.set('a', 1)
  map.set('b', 2)
  map.get('a')
  map.set('c', 3)
  expect(map.size).toBe(2)
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3])
})

it('counts writing a key again as a use, not as another entry', () => {
  const map = new BoundedMap<string, number>({ max: 2 })
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.set('c', 4)
  expect(map.size).toBe(2)
  expect(map.get('a')).toBe(3)
  expect(map.has('b')).toBe(false)
})

it('has no key that was deleted', () => {
  const map = new BoundedMap<string, number>({ max: 2 })
  map.set('a', 1)
  map.delete('a')
  expect(map.has('a')).toBe(false)
  map.set('b', 2)
  map.clear()
  expect(map.size).toBe(0)
})
