import type { Route } from '../route.js'
import { changePasswordSchema, credentialsSchema, loginSchema, refreshTokenSchema, userSchema } from '../user.js'

export const AUTH_ROUTES = {
  login: {
    method: 'POST',
    path: '/auth/login',
    summary: 'Signs in with e-mail and password.',
    access: 'public',
    body: { json: credentialsSchema },
    responses: { 200: { json: loginSchema } },
    errors: ['INVALID_CREDENTIALS', 'RATE_LIMITED', 'STORE_UNAVAILABLE'],
  },
  refresh: {
    method: 'POST',
    path: '/auth/refresh',
    summary: 'Swaps a refresh token for new tokens. A token that was swapped before ends the whole login.',
    access: 'public',
    body: { json: refreshTokenSchema },
    responses: { 200: { json: loginSchema } },
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'STORE_UNAVAILABLE'],
  },
  signOut: {
    method: 'POST',
    path: '/auth/logout',
    summary: 'Ends the login that the refresh token belongs to.',
    access: 'public',
    body: { json: refreshTokenSchema },
    responses: { 204: {} },
    errors: ['FORBIDDEN', 'STORE_UNAVAILABLE'],
  },
  changePassword: {
    method: 'POST',
    path: '/auth/password',
    summary: 'Changes the own password. Every other login of the user ends, and so do their sockets; this one goes on.',
    access: 'signed-in',
    body: { json: changePasswordSchema },
    responses: { 200: { json: loginSchema } },
    errors: ['INVALID_CREDENTIALS', 'RATE_LIMITED'],
  },
  me: {
    method: 'GET',
    path: '/auth/me',
    summary: 'The user who is signed in.',
    access: 'signed-in',
    responses: { 200: { json: userSchema } },
    errors: [],
  },
} as const satisfies Record<string, Route>
