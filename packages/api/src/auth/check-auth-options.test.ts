import { createMemoryStore } from '@trunkline/core'
import { describe, expect, it } from 'vitest'
import { type AuthOptions, createAuthenticator } from '../api.js'

const jwtSecret = 'a-secret-of-at-least-thirty-two-bytes!'
const authenticator = { authenticate: async () => undefined }

const refusals: [unknown, string][] = [
  [undefined, 'jwtSecret is needed'],
  [null, 'jwtSecret is needed'],
  [{}, 'jwtSecret is needed'],
  [{ jwtSecret: undefined }, 'jwtSecret is needed'],
  [{ jwtSecret: null }, 'jwtSecret is needed'],
  [{ jwtSecret: undefined, authenticator: undefined }, 'jwtSecret is needed'],
  [{ jwtSecret: '' }, 'jwtSecret is empty'],
  [{ jwtSecret: ' '.repeat(40) }, 'jwtSecret is empty'],
  [{ jwtSecret: new Uint8Array() }, 'jwtSecret is empty'],
  [{ jwtSecret: 42 }, 'jwtSecret must be text or bytes'],
  [{ jwtSecret: ['a'] }, 'jwtSecret must be text or bytes'],
  [{ jwtSecret: 'short' }, 'jwtSecret must have at least 32 bytes'],
  [{ jwtSecret, authenticator }, 'authenticator cannot be given together with jwtSecret'],
  [{ authenticator: () => undefined }, 'authenticator must be an object with a method authenticate'],
  [{ authenticator: 'mine' }, 'authenticator must be an object with a method authenticate'],
]

describe('the login of a mount', () => {
  // What a host without types may give.
  it.each(refusals)('is refused in words for %j: %s', (options, reason) => {
    expect(() => createAuthenticator(createMemoryStore(), options as AuthOptions)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) }),
    )
  })

  it.each([
    { jwtSecret },
    { jwtSecret, authenticator: undefined },
    { authenticator },
    { jwtSecret: new Uint8Array(32) },
  ])('is there with %j', (options) => {
    createAuthenticator(createMemoryStore(), options as AuthOptions)
  })
})
