import { ROLES } from '@trunkline/contract'
import { expect, it } from 'vitest'
import { ROLE_PERMISSIONS } from './permissions.js'

it.each(['viewer', 'operator', 'admin'] as const)('shows a %s what the server allows', (role) => {
  expect([...ROLE_PERMISSIONS[role]].sort()).toEqual([...ROLES[role]].sort())
})
