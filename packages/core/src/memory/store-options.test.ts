import { describe, expect, it } from 'vitest'
import { createFileAuthStore, createMemoryStore, createWitnessedAuthStore } from '../index.js'

const { auth } = createMemoryStore()
type Loose = (options?: unknown) => unknown

/** As hosts without types call them. */
const made: Record<string, (options?: unknown) => unknown> = {
  memory: createMemoryStore as unknown as Loose,
  file: createFileAuthStore as unknown as Loose,
  witnessed: (options) => createWitnessedAuthStore(auth, options as { folder: string }),
  'witnessed without a store': (options) => createWitnessedAuthStore(options as typeof auth, { folder: 'x' }),
}

describe('options of a store that are wrong', () => {
  it.each<[keyof typeof made & string, unknown, string]>([
    ['memory', null, 'options'],
    ['memory', 5, 'options'],
    ['memory', { clock: 5 }, 'clock'],
    ['memory', { clock: {} }, 'clock'],
    ['memory', { eventsPerSession: '5' }, 'eventsPerSession'],
    ['memory', { eventsPerSession: Number.NaN }, 'eventsPerSession'],
    ['memory', { events: 5 }, 'events'],
    ['file', undefined, 'options'],
    ['file', 'auth', 'options'],
    ['file', {}, 'folder'],
    ['file', { folder: undefined }, 'folder'],
    ['file', { folder: '' }, 'folder'],
    ['file', { folder: ' ' }, 'folder'],
    ['file', { folder: 42 }, 'folder'],
    ['file', { folder: ['x'] }, 'folder'],
    ['file', { folder: new URL('file:///tmp/x') }, 'folder'],
    ['file', { folder: 'a\0b' }, 'folder'],
    ['witnessed', undefined, 'options'],
    ['witnessed', { folder: 42 }, 'folder'],
    ['witnessed', { folder: 'x', clock: 5 }, 'clock'],
    ['witnessed', { folder: 'x', logger: {} }, 'logger'],
    ['witnessed without a store', undefined, 'auth'],
    ['witnessed without a store', {}, 'auth'],
  ])('are refused by name: %s %j', (name, options, field) => {
    expect(() => made[name]?.(options)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(field),
        details: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
      }),
    )
  })
})
