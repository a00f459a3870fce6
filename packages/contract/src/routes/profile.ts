import { PICTURE_BODY, privacySchema, profileSchema, updatePrivacySchema, updateProfileSchema } from '../profile.js'
import type { Route } from '../route.js'
import { ASKED } from './groups.js'
import { sessionParams } from './parts.js'

export const PROFILE_ROUTES = {
  getProfile: {
    method: 'GET',
    path: '/sessions/:sessionId/profile',
    summary: 'What others see of the account.',
    access: 'contacts:read',
    params: sessionParams,
    responses: { 200: { json: profileSchema } },
    errors: ASKED,
  },
  updateProfile: {
    method: 'PATCH',
    path: '/sessions/:sessionId/profile',
    summary: 'Changes the name and what the account says of itself, and answers the profile as it is then.',
    access: 'profile:manage',
    params: sessionParams,
    body: { json: updateProfileSchema },
    responses: { 200: { json: profileSchema } },
    errors: ASKED,
  },
  setProfilePicture: {
    method: 'PUT',
    path: '/sessions/:sessionId/profile/picture',
    summary: 'Sets the picture of the account: the bytes of an image, of which the middle is taken.',
    access: 'profile:manage',
    params: sessionParams,
    body: PICTURE_BODY,
    responses: { 204: {} },
    errors: [...ASKED, 'PICTURE_INVALID'],
  },
  removeProfilePicture: {
    method: 'DELETE',
    path: '/sessions/:sessionId/profile/picture',
    summary: 'Takes the picture of the account away.',
    access: 'profile:manage',
    params: sessionParams,
    responses: { 204: {} },
    errors: ASKED,
  },
  getProfilePrivacy: {
    method: 'GET',
    path: '/sessions/:sessionId/profile/privacy',
    summary: 'Who may see and do what.',
    access: 'contacts:read',
    params: sessionParams,
    responses: { 200: { json: privacySchema } },
    errors: ASKED,
  },
  updateProfilePrivacy: {
    method: 'PATCH',
    path: '/sessions/:sessionId/profile/privacy',
    summary: 'Changes who may see and do what, and answers all of it as it is then.',
    access: 'profile:manage',
    params: sessionParams,
    body: { json: updatePrivacySchema },
    responses: { 200: { json: privacySchema } },
    errors: ASKED,
  },
} as const satisfies Record<string, Route>
