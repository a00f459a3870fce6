import { describe, expect, it } from 'vitest'
import { en } from './en.js'
import { es } from './es.js'
import { pt } from './pt.js'
import { preferredLocale, translator } from './translate.js'

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
const forms = (text: string | { one: string; other: string }) =>
  typeof text === 'string' ? [text] : [text.one, text.other]

describe.each([
  ['es', es],
  ['pt', pt],
] as const)('the texts of %s', (_, dictionary) => {
  it('ask for the values that the English ones ask for', () => {
    for (const [key, text] of Object.entries(en)) {
      const wanted = placeholders(forms(text).at(-1) ?? '')
      for (const form of forms(dictionary[key as keyof typeof en])) expect(placeholders(form), key).toEqual(wanted)
    }
  })

  it('are texts of their own', () => {
    const same = Object.entries(en).filter(
      ([key, text]) => JSON.stringify(text) === JSON.stringify(dictionary[key as keyof typeof en]),
    )
    expect(same.length).toBeLessThan(Object.keys(en).length / 10)
  })
})

describe('a text', () => {
  it('takes the form of its number, written as its language does', () => {
    const t = translator('es', es)
    expect(t('sessions.count', { count: 1 })).toBe('1 sesión')
    expect(t('sessions.count', { count: 12_000 })).toBe('12.000 sesiones')
  })

  it('puts in what it was given as it is, braces and all', () => {
    expect(translator('en', en)('done.start', { name: '{count}' })).toBe('{count} starts')
  })
})

it.each([
  [['es-PE', 'en'], 'es'],
  [['qu-PE', 'pt-BR'], 'pt'],
  [['de-DE'], 'en'],
  [[], 'en'],
])('of %j the page speaks %s', (languages, locale) => {
  expect(preferredLocale(languages)).toBe(locale)
})
