import { describe, expect, it } from 'vitest'
import { contactSearch, searchForm, sessionSearchText } from './search.js'

describe('the form of searches', () => {
  it.each([
    ['Ärger', 'ÄRGER'],
    ['Ärger', 'a\u0308rger'],
    ['Поддержка', 'ПОДДЕРЖКА'],
    ['İstanbul', 'istanbul'],
    ['İstanbul', 'i\u0307stanbul'],
    ['İstanbul', 'ISTANBUL'],
    ['ISPARTA', 'ısparta'],
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'straße'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδός', 'ΟΔΌΣ'],
    ['ＡＢＣ', 'abc'],
    ['ﬁn', 'FIN'],
    ['plain 100% _.*', 'PLAIN 100% _.*'],
  ])('is one for %s and %s', (one, other) => {
    expect(searchForm(one)).toBe(searchForm(other))
  })

  it('keeps accents, and is its own form', () => {
    expect(searchForm('Ánn')).not.toBe(searchForm('Ann'))
    for (const text of ['İẞΣς', 'ǅ', 'a\u0308', 'ΰ', '𐐀']) expect(searchForm(searchForm(text))).toBe(searchForm(text))
  })

  it('finds a word of Greek in the middle of a longer one', () => {
    expect(searchForm('ΟΔΟΣΗΜΟ')).toContain(searchForm('ΟΔΟΣ'))
  })

  it('keeps id and label of a session apart', () => {
    expect(sessionSearchText({ id: 'Shop', label: 'Ärger' })).toBe('shop\närger')
    expect(sessionSearchText({ id: 'Shop', label: null })).toBe('shop\n')
  })

  it.each([
    ['+49 (151) 23', { words: '+49 (151) 23', digits: '4915123', beginning: '4915123' }],
    ['0151/23', { words: '0151/23', digits: '015123' }],
    ['Bus 12', { words: 'bus 12' }],
    ['+ -', { words: '+ -' }],
  ])('is a part of a number where it may be one: %s', (text, expected) => {
    expect(contactSearch(text)).toEqual(expected)
  })
})
