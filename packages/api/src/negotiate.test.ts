import { describe, expect, it } from 'vitest'
import { negotiate } from './negotiate.js'

const IMAGES = ['application/json', 'image/png', 'image/svg+xml']

describe('negotiate', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['image/png', 'image/png'],
    ['IMAGE/PNG', 'image/png'],
    ['image/*', 'image/png'],
    ['image/svg+xml, image/png;q=0.5', 'image/svg+xml'],
    ['image/png;q=0.2, */*;q=0.1', 'image/png'],
    ['application/json;q=0, */*', 'image/png'],
    ['text/html', undefined],
    ['text/html, */*;q=0.1', 'application/json'],
    ['application/json;q=nonsense', undefined],
  ])('%j gets %s', (accept, type) => {
    expect(negotiate(accept, IMAGES)).toBe(type)
  })
})
