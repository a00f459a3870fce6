import { ROUTES } from '@trunkline/contract'
import { expect, it } from 'vitest'
import { actions } from './actions.en.js'

it('every deed that the audit log may name has a name for people, and nothing else has', () => {
  const deeds = Object.entries(ROUTES).filter(([, { method }]) => method !== 'GET')
  expect(Object.keys(actions).sort()).toEqual(deeds.map(([name]) => `action.${name}`).sort())
})
