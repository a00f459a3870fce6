import { describe, expect, it } from 'vitest'
import { wellFormed } from './well-formed.js'

const LONE = '\uD83D'

describe('halves of characters', () => {
  it('are replaced wherever they stand, and whole characters stay', () => {
    const message = { text: `cut ${LONE}`, contacts: [{ name: `${LONE}x` }, { name: '🙂' }], poll: { question: 'q' } }
    expect(wellFormed(message)).toEqual({
      text: 'cut \uFFFD',
      contacts: [{ name: '\uFFFDx' }, { name: '🙂' }],
      poll: { question: 'q' },
    })
  })

  it.each([['text 🙂'], [undefined], [null], [3], [{ text: 'a', list: ['b'] }], [Buffer.from([0xed, 0xa0, 0x80])]])(
    'leave %j as it is where there are none',
    (value) => {
      expect(wellFormed(value)).toBe(value)
    },
  )
})
