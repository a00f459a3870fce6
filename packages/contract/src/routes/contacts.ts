import { z } from 'zod'
import { contactSchema } from '../chat.js'
import {
  aboutSchema,
  blockedContactSchema,
  businessProfileSchema,
  checkedNumberSchema,
  checkNumbersSchema,
  pictureSchema,
} from '../contact.js'
import { flagSchema, pageOf } from '../fields.js'
import { LIMITS } from '../limits.js'
import type { Route } from '../route.js'
import { ASKED } from './groups.js'
import { contactParams, pageQuery, sessionParams } from './parts.js'

export const CONTACTS_ROUTES = {
  listContacts: {
    method: 'GET',
    path: '/sessions/:sessionId/contacts',
    summary: 'People whom the account knows, by id.',
    access: 'contacts:read',
    params: sessionParams,
    query: pageQuery.extend({
      q: z.string().min(1).max(LIMITS.search.maxLength).optional().meta({
        description:
          'Only people with this in a name or in their number, whatever the case of its letters. Of seven digits or more: where numbers begin with them, only those.',
      }),
    }),
    responses: { 200: { json: pageOf(contactSchema) } },
    errors: [],
  },
  getContact: {
    method: 'GET',
    path: '/sessions/:sessionId/contacts/:contactId',
    summary: 'One person, by any address or a bare phone number.',
    access: 'contacts:read',
    params: contactParams,
    responses: { 200: { json: contactSchema } },
    errors: ['CONTACT_NOT_FOUND', 'RECIPIENT_INVALID'],
  },
  checkContacts: {
    method: 'POST',
    path: '/sessions/:sessionId/contacts/check',
    summary: 'Which of up to 1,000 numbers are on WhatsApp: an answer for each, in order.',
    access: 'contacts:manage',
    params: sessionParams,
    body: { json: checkNumbersSchema },
    responses: { 200: { json: pageOf(checkedNumberSchema) } },
    errors: ASKED,
  },
  getContactPicture: {
    method: 'GET',
    path: '/sessions/:sessionId/contacts/:contactId/picture',
    summary: 'Where the picture of a person or a group is, as far as the account may see it.',
    access: 'contacts:read',
    params: contactParams,
    query: z.strictObject({
      preview: flagSchema.optional().meta({ description: 'A small one.' }),
    }),
    responses: { 200: { json: pictureSchema } },
    errors: [...ASKED, 'RECIPIENT_INVALID'],
  },
  getContactPictureFile: {
    method: 'GET',
    path: '/sessions/:sessionId/contacts/:contactId/picture/file',
    summary:
      'The picture of a person or a group, a JPEG. WhatsApp is asked for it at most once a day; without any, the answer is 404.',
    access: 'contacts:read',
    params: contactParams,
    query: z.strictObject({
      preview: flagSchema.optional().meta({ description: 'A small one.' }),
    }),
    responses: { 200: { stream: ['image/jpeg'] } },
    errors: [...ASKED, 'RECIPIENT_INVALID', 'PICTURE_NOT_FOUND', 'MEDIA_NOT_AVAILABLE', 'OPERATION_ABORTED'],
  },
  getContactAbout: {
    method: 'GET',
    path: '/sessions/:sessionId/contacts/:contactId/about',
    summary: 'The words that a person has about themselves.',
    access: 'contacts:read',
    params: contactParams,
    responses: { 200: { json: aboutSchema } },
    errors: [...ASKED, 'RECIPIENT_INVALID'],
  },
  getContactBusiness: {
    method: 'GET',
    path: '/sessions/:sessionId/contacts/:contactId/business',
    summary: 'What a business tells of itself.',
    access: 'contacts:read',
    params: contactParams,
    responses: { 200: { json: businessProfileSchema } },
    errors: [...ASKED, 'RECIPIENT_INVALID'],
  },
  listBlockedContacts: {
    method: 'GET',
    path: '/sessions/:sessionId/contacts/blocked',
    summary: 'Whom the account does not want to hear of.',
    access: 'contacts:read',
    params: sessionParams,
    responses: { 200: { json: pageOf(blockedContactSchema) } },
    errors: ASKED,
  },
  watchContactPresence: {
    method: 'POST',
    path: '/sessions/:sessionId/contacts/:contactId/presence',
    summary:
      'From then on the event `presence` tells when the person is there, until the connection of the session ends.',
    access: 'contacts:manage',
    params: contactParams,
    responses: { 204: {} },
    errors: [...ASKED, 'RECIPIENT_INVALID'],
  },
  blockContact: {
    method: 'PUT',
    path: '/sessions/:sessionId/contacts/:contactId/block',
    summary: 'From then on the account hears nothing of the person.',
    access: 'contacts:manage',
    params: contactParams,
    responses: { 204: {} },
    errors: [...ASKED, 'RECIPIENT_INVALID', 'RECIPIENT_NOT_ON_WHATSAPP'],
  },
  unblockContact: {
    method: 'DELETE',
    path: '/sessions/:sessionId/contacts/:contactId/block',
    summary: 'Takes a block away.',
    access: 'contacts:manage',
    params: contactParams,
    responses: { 204: {} },
    errors: [...ASKED, 'RECIPIENT_INVALID', 'RECIPIENT_NOT_ON_WHATSAPP'],
  },
} as const satisfies Record<string, Route>
