import { z } from 'zod'
import { pageOf } from '../fields.js'
import { LIMITS } from '../limits.js'
import type { Route } from '../route.js'
import { createUserSchema, updateUserSchema, userSchema } from '../user.js'
import { pageQuery } from './parts.js'

const userParams = z.strictObject({
  userId: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'The user that this is about.', example: '019ac2f0-5d2e-7c31-9f0a-6b1d2c3e4f50' }),
})

const userQuery = pageQuery.extend({
  q: z
    .string()
    .min(1)
    .max(LIMITS.search.maxLength)
    .optional()
    .meta({ description: 'Only users with this in their name or e-mail, whatever the case of its letters.' }),
})

/** Present only with Trunkline's own login. Users who may do more than the caller do not exist for the caller. */
export const USERS_ROUTES = {
  listUsers: {
    method: 'GET',
    path: '/users',
    summary: 'The people who can sign in.',
    access: 'users:manage',
    query: userQuery,
    responses: { 200: { json: pageOf(userSchema) } },
    errors: [],
  },
  createUser: {
    method: 'POST',
    path: '/users',
    summary: 'Makes somebody who can sign in.',
    access: 'users:manage',
    body: { json: createUserSchema },
    responses: { 201: { json: userSchema } },
    errors: ['EMAIL_IN_USE', 'RATE_LIMITED'],
  },
  getUser: {
    method: 'GET',
    path: '/users/:userId',
    summary: 'One user.',
    access: 'users:manage',
    params: userParams,
    responses: { 200: { json: userSchema } },
    errors: ['USER_NOT_FOUND'],
  },
  updateUser: {
    method: 'PATCH',
    path: '/users/:userId',
    summary:
      'Changes a user. A new password, and whatever takes rights away, ends their logins and their sockets at once.',
    access: 'users:manage',
    params: userParams,
    body: { json: updateUserSchema },
    responses: { 200: { json: userSchema } },
    errors: ['USER_NOT_FOUND', 'EMAIL_IN_USE', 'LAST_ADMIN', 'RATE_LIMITED'],
  },
  deleteUser: {
    method: 'DELETE',
    path: '/users/:userId',
    summary: 'Removes a user, with their logins and their sockets.',
    access: 'users:manage',
    params: userParams,
    responses: { 204: {} },
    errors: ['USER_NOT_FOUND', 'LAST_ADMIN'],
  },
} as const satisfies Record<string, Route>
