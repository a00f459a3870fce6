import { describe, expect, it } from 'vitest'
import { codeOf, editsOf } from './group-operations.js'

describe('the changes of a group', () => {
  it('are made one after the other, and what lets others in comes last', () => {
    const settings = { memberAdd: true, joinApproval: false, announce: true, ephemeralSeconds: 0 }
    expect(editsOf({ settings, description: null, subject: 'Team' })).toEqual([
      { subject: 'Team' },
      { description: null },
      { setting: 'announce', value: true },
      { setting: 'ephemeralSeconds', value: 0 },
      { setting: 'joinApproval', value: false },
      { setting: 'memberAdd', value: true },
    ])
  })

  it('take a description away when it is empty', () => {
    expect(editsOf({ description: '' })).toEqual([{ description: null }])
  })
})

describe('the code of an invitation is found in', () => {
  it.each([
    ['the code', 'AbC123'],
    ['the link', 'https://chat.whatsapp.com/AbC123'],
    ['a link of old', 'http://chat.whatsapp.com/invite/AbC123'],
    ['a link with what apps add to it', ' https://chat.whatsapp.com/AbC123?mode=ac_t#x '],
  ])('%s', (_form, given) => {
    expect(codeOf(given)).toBe('AbC123')
  })
})
