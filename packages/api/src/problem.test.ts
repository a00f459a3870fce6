import { TrunklineError } from '@trunkline/core'
import { expect, it } from 'vitest'
import { toProblem } from './problem.js'

it.each([
  ['URL_REFUSED', 'media.url', 'media.url: It is at an inside address', 'It is at an inside address'],
  ['URL_FAILED', 'media.url', 'media.url: It answered 404', 'It answered 404'],
  ['UNSUPPORTED_MEDIA_TYPE', 'media', 'media: It is no picture', 'It is no picture'],
  ['UNSUPPORTED_MEDIA_TYPE', 'body', 'The body must not be compressed', 'The body must not be compressed'],
] as const)('%s names the field %s', (code, field, message, said) => {
  const problem = toProblem(new TrunklineError(code, { message, details: { field } }))
  expect(problem).toMatchObject({ code, detail: message, errors: [{ field, message: said }] })
  expect(problem.details).toBeUndefined()
})
