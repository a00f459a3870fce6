import { describe, expect, it } from 'vitest'
import type { WireChange } from '../ports/connector.js'
import { EarlyChanges } from './early-changes.js'

const AT = '2026-01-01T00:00:00.000Z'
const now = Date.parse(AT)
const CAROL = '200000000000003@lid'

const change = (id: string, messageId: string, at = AT): WireChange => ({
  kind: 'delete',
  id,
  messageId,
  chatId: CAROL,
  senderId: CAROL,
  at,
  identities: [],
})
const settle = async () => {}
const ids = (early: { change: WireChange }[]) => early.map((held) => held.change.id)

describe('changes that come before their message', () => {
  it('are taken once, by the message, in the order in which they came', () => {
    const early = new EarlyChanges()
    for (const [id, messageId] of [
      ['1', 'A'],
      ['2', 'B'],
      ['3', 'A'],
    ] as const)
      expect(early.hold({ change: change(id, messageId), settle }, { now })).toBeUndefined()
    expect(ids(early.take(['C', 'A']))).toEqual(['1', '3'])
    expect(early.take(['A'])).toEqual([])
    expect(ids(early.take(['B']))).toEqual(['2'])
  })

  it('that come again take the place of what they were, as their journal entry is another one', () => {
    const early = new EarlyChanges()
    early.hold({ change: change('1', 'A'), settle }, { now })
    const again = { change: change('1', 'A'), settle: async () => {} }
    early.hold(again, { now })
    expect(early.take(['A'])).toEqual([again])
  })

  it('are given up when there are many, the oldest first, and when they are old', () => {
    const early = new EarlyChanges()
    const given = Array.from({ length: 70 }, (_, n) => early.hold({ change: change(`${n}`, `M${n}`), settle }, { now }))
    expect(ids(given.filter((held) => held !== undefined))).toEqual(['0', '1', '2', '3', '4', '5'])
    const old = { change: change('old', 'A', '2025-12-01T00:00:00.000Z'), settle }
    expect(early.hold(old, { now })).toBe(old)
    expect(early.take(['A'])).toEqual([])
  })
})
