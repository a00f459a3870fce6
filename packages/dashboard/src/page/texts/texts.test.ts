import { describe, expect, it } from 'vitest'
import { en } from '../../react/i18n/en.js'
import { es } from '../../react/i18n/es.js'
import { pt } from '../../react/i18n/pt.js'
import { admin as adminEn } from './admin.en.js'
import { admin as adminEs } from './admin.es.js'
import { admin as adminPt } from './admin.pt.js'
import { session as sessionEn } from './session.en.js'
import { session as sessionEs } from './session.es.js'
import { session as sessionPt } from './session.pt.js'

type Some = Readonly<Record<string, string | { one: string; other: string }>>

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
const forms = (text: Some[string] = '') => (typeof text === 'string' ? [text] : [text.one, text.other])

describe.each<[string, Some, Some]>([
  ['everywhere, es', en, es],
  ['everywhere, pt', en, pt],
  ['administration, es', adminEn, adminEs],
  ['administration, pt', adminEn, adminPt],
  ['one session, es', sessionEn, sessionEs],
  ['one session, pt', sessionEn, sessionPt],
])('the texts of %s', (_, english, other) => {
  it('ask for the values that the English ones ask for', () => {
    for (const [key, text] of Object.entries(english)) {
      const wanted = placeholders(forms(text).at(-1) ?? '')
      for (const form of forms(other[key])) expect(placeholders(form), key).toEqual(wanted)
    }
  })

  it('are texts of their own', () => {
    const same = Object.entries(english).filter(([key, text]) => JSON.stringify(text) === JSON.stringify(other[key]))
    expect(same.length).toBeLessThan(Object.keys(english).length / 10)
  })
})

it('no key has two texts', () => {
  const keys = [en, adminEn, sessionEn].flatMap((texts) => Object.keys(texts))
  expect(new Set(keys).size).toBe(keys.length)
})
