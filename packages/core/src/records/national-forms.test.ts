import { describe, expect, it } from 'vitest'
import { otherNationalForm } from './national-forms.js'

describe('the other way to write a number', () => {
  it.each([
    ['Brazil, with the ninth digit', '5511988880001', '551188880001'],
    ['Brazil, without it', '551188880001', '5511988880001'],
    ['Mexico, with the 1', '5215512345678', '525512345678'],
    ['Mexico, without it', '525512345678', '5215512345678'],
    ['Argentina, with the 9', '5491123456789', '541123456789'],
    ['Argentina, without it', '541123456789', '5491123456789'],
  ])('%s', (_case, number, other) => {
    expect(otherNationalForm(`${number}@s.whatsapp.net`)).toBe(`${other}@s.whatsapp.net`)
  })

  it.each([
    ['a landline of Brazil', '551133330001@s.whatsapp.net'],
    ['a number of a country with one form', '15550000001@s.whatsapp.net'],
    ['a LID that looks like a number', '5511988880001@lid'],
    ['a group', '551188880001-1400000000@g.us'],
  ])('there is none of %s', (_case, jid) => {
    expect(otherNationalForm(jid)).toBeUndefined()
  })
})
