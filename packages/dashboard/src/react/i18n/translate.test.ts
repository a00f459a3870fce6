import { describe, expect, it } from 'vitest'
import { en } from './en.js'
import { es } from './es.js'
import { localeOfCountry, preferredLocale, translator } from './translate.js'

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
  [['es_MX', 'en'], 'es'],
  [['ES'], 'es'],
  [['', '@posix', 'pt.UTF-8'], 'pt'],
  [[], 'en'],
])('of %j the page speaks %s', (languages, locale) => {
  expect(preferredLocale(languages)).toBe(locale)
})

it.each([
  ['es', ['en-US', 'es-PE', 'es-MX'], 'es-PE'],
  ['es', ['en-US'], 'es'],
  ['en', ['en-US@posix'], 'en'],
  ['en', ['en_GB', 'en-GB'], 'en-GB'],
  ['en', ['', 'c', 'EN-gb'], 'en-GB'],
  ['pt', [], 'pt'],
] as const)(
  '%s is written in the way of the country where the browser names one: of %j that of %s',
  (language, languages, locale) => {
    expect(localeOfCountry(language, languages)).toBe(locale)
    expect(() => new Intl.NumberFormat(localeOfCountry(language, languages))).not.toThrow()
  },
)
