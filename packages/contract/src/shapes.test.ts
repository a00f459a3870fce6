import type * as core from '@trunkline/core'
import {
  CHAT_KINDS,
  ERROR_CODES as CORE_ERROR_CODES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  SESSION_SORTS,
  SESSION_STATUSES,
} from '@trunkline/core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import type * as contract from './index.js'
import {
  type aboutSchema,
  type blockedContactSchema,
  type businessProfileSchema,
  chatKindSchema,
  type chatSchema,
  type checkedNumberSchema,
  type contactSchema,
  type createdGroupSchema,
  createSessionSchema,
  ERROR_CODES,
  EVENT_NAMES,
  type EVENTS,
  type eventPageSchema,
  type groupInviteSchema,
  type groupSchema,
  HTTP_STATUS,
  handshakeSchema,
  type healthCheckSchema,
  type healthReportSchema,
  type joinedGroupSchema,
  type joinRequestSchema,
  type loggedEventSchema,
  type maintenanceChangesSchema,
  type maintenanceStepSchema,
  type mediaSchema,
  type messageSchema,
  messageStatusSchema,
  messageTypeSchema,
  type pairingCodeSchema,
  type pictureSchema,
  type privacySchema,
  problemSchema,
  type profileSchema,
  type qrSchema,
  type queueLengthSchema,
  type roleSchema,
  type sendFileFields,
  sendMessageSchema,
  type sessionDetailsSchema,
  type sessionSchema,
  type sessionSettingsSchema,
  sessionSortSchema,
  type sessionStatsSchema,
  sessionStatusSchema,
  type trafficHourSchema,
  type updateGroupSchema,
  type updateMaintenanceSchema,
  type updatePrivacySchema,
  type updateProfileSchema,
  updateSessionSchema,
  type userSchema,
} from './index.js'

// Checked by the compiler: a shape that drifts from core's types does not build.
describe('the schemas and the types of core', () => {
  it('are the same in answers', () => {
    expectTypeOf<z.output<typeof sessionSchema>>().toEqualTypeOf<core.Session>()
    expectTypeOf<z.output<typeof sessionSettingsSchema>>().toEqualTypeOf<core.SessionSettings>()
    expectTypeOf<z.output<typeof sessionDetailsSchema>>().toEqualTypeOf<Flat<core.SessionDetails>>()
    expectTypeOf<z.output<typeof sessionStatsSchema>>().toEqualTypeOf<core.SessionStats>()
    expectTypeOf<z.output<typeof queueLengthSchema>>().toEqualTypeOf<core.QueueLength>()
    expectTypeOf<z.output<typeof trafficHourSchema>>().toEqualTypeOf<core.TrafficHour>()
    expectTypeOf<z.output<typeof healthCheckSchema>>().toEqualTypeOf<core.HealthCheckResult>()
    expectTypeOf<z.output<typeof healthReportSchema>>().toEqualTypeOf<core.HealthReport>()
    expectTypeOf<z.output<typeof maintenanceStepSchema>>().toEqualTypeOf<core.MaintenanceStep>()
    expectTypeOf<z.output<typeof maintenanceChangesSchema>>().toEqualTypeOf<core.MaintenanceChanges>()
    expectTypeOf<z.output<typeof updateMaintenanceSchema>>().toEqualTypeOf<core.UpdateMaintenanceOptions>()
    expectTypeOf<z.output<typeof qrSchema>>().toEqualTypeOf<core.Qr>()
    expectTypeOf<z.output<typeof pairingCodeSchema>>().toEqualTypeOf<core.PairingCode>()
    expectTypeOf<z.output<typeof messageSchema>>().toEqualTypeOf<core.Message>()
    expectTypeOf<z.output<typeof mediaSchema>>().toEqualTypeOf<core.Media>()
    expectTypeOf<z.output<typeof chatSchema>>().toEqualTypeOf<core.Chat>()
    expectTypeOf<z.output<typeof contactSchema>>().toEqualTypeOf<core.Contact>()
    expectTypeOf<z.output<typeof checkedNumberSchema>>().toEqualTypeOf<core.CheckedNumber>()
    expectTypeOf<z.output<typeof pictureSchema>>().toEqualTypeOf<core.Picture>()
    expectTypeOf<z.output<typeof aboutSchema>>().toEqualTypeOf<core.About>()
    expectTypeOf<z.output<typeof businessProfileSchema>>().toEqualTypeOf<core.BusinessProfile>()
    expectTypeOf<z.output<typeof blockedContactSchema>>().toEqualTypeOf<core.BlockedContact>()
    expectTypeOf<z.output<typeof profileSchema>>().toEqualTypeOf<core.Profile>()
    expectTypeOf<z.output<typeof privacySchema>>().toEqualTypeOf<core.PrivacySettings>()
    expectTypeOf<z.output<typeof groupSchema>>().toEqualTypeOf<core.Group>()
    expectTypeOf<z.output<typeof createdGroupSchema>>().toEqualTypeOf<core.CreatedGroup>()
    expectTypeOf<z.output<typeof groupInviteSchema>>().toEqualTypeOf<core.GroupInvite>()
    expectTypeOf<z.output<typeof joinedGroupSchema>>().toEqualTypeOf<core.JoinedGroup>()
    expectTypeOf<z.output<typeof joinRequestSchema>>().toEqualTypeOf<core.JoinRequest>()
    expectTypeOf<z.output<typeof userSchema>>().toEqualTypeOf<core.User>()
    expectTypeOf<z.output<typeof roleSchema>>().toEqualTypeOf<core.Role>()
  })

  it('are the same in requests', () => {
    expectTypeOf<z.output<typeof createSessionSchema>>().toEqualTypeOf<core.CreateSessionOptions>()
    expectTypeOf<z.output<typeof updateSessionSchema>>().toEqualTypeOf<core.UpdateSessionOptions>()
    expectTypeOf<z.output<typeof updateProfileSchema>>().toEqualTypeOf<core.ProfileChanges>()
    expectTypeOf<z.output<typeof updatePrivacySchema>>().toEqualTypeOf<core.PrivacyChanges>()
    expectTypeOf<z.output<typeof updateGroupSchema>>().toEqualTypeOf<core.GroupChanges>()
    expectTypeOf<z.output<typeof sendMessageSchema>>().toEqualTypeOf<OnTheWire<core.SendOptions>>()
    type WithFile = Extract<core.SendOptions, { media: core.MediaInput }>
    type FieldOfFile = Exclude<keyof core.MediaInput | KeyOf<WithFile>, 'media' | 'signal'>
    expectTypeOf<keyof z.output<typeof sendFileFields>>().toEqualTypeOf<FieldOfFile>()
    expectTypeOf<z.output<typeof sendFileFields>['type']>().toEqualTypeOf<WithFile['type']>()
  })

  it('are the same in events', () => {
    expectTypeOf<contract.EventName>().toEqualTypeOf<core.EventName>()
    expectTypeOf<{ [Name in core.EventName]: z.output<(typeof EVENTS)[Name]> }>().toEqualTypeOf<{
      [Name in core.EventName]: Flat<core.EventOf<Name>>
    }>()
    expectTypeOf<z.output<typeof loggedEventSchema>['name']>().toEqualTypeOf<core.EventName>()
    expectTypeOf<z.output<typeof eventPageSchema>['gap']>().toEqualTypeOf<boolean>()
  })

  it('list the same words', () => {
    expect(ERROR_CODES.toSorted()).toEqual(CORE_ERROR_CODES.toSorted())
    expect(sessionStatusSchema.options).toEqual([...SESSION_STATUSES])
    expect(chatKindSchema.options).toEqual([...CHAT_KINDS])
    expect(sessionSortSchema.options).toEqual([...SESSION_SORTS])
    expect(messageTypeSchema.options).toEqual([...MESSAGE_TYPES])
    expect(messageStatusSchema.options).toEqual([...MESSAGE_STATUSES])
  })
})

describe('HTTP_STATUS', () => {
  it('gives every code a client or server error', () => {
    for (const code of ERROR_CODES) {
      expect(HTTP_STATUS[code], code).toBeGreaterThanOrEqual(400)
      expect(HTTP_STATUS[code], code).toBeLessThan(600)
    }
  })
})

describe('requests', () => {
  it.each([
    ['an unknown field', createSessionSchema, { id: 'a', color: 'red' }],
    ['an unknown nested field', createSessionSchema, { settings: { preload: { type: 'all', limit: 1, extra: 1 } } }],
    ['an operator object as a string', createSessionSchema, { label: { $gt: '' } }],
    ['an id with a slash', createSessionSchema, { id: 'a/b' }],
    ['an id that is part of a route', createSessionSchema, { id: 'stats' }],
    ['a number in metadata', updateSessionSchema, { metadata: { a: 1 } }],
    ['a message without text', sendMessageSchema, { to: '15550000001' }],
    ['an empty text', sendMessageSchema, { to: '15550000001', text: '' }],
    ['a file that is not there', sendMessageSchema, { to: '15550000001', type: 'image', media: {} }],
    ['a file of two kinds', sendMessageSchema, { to: '1', type: 'image', media: { data: 'AAAA', url: 'http://a/' } }],
    ['a file that is no base64', sendMessageSchema, { to: '1', type: 'image', media: { data: 'Ä' } }],
    [
      'a sticker with a caption',
      sendMessageSchema,
      { to: '1', type: 'sticker', media: { data: 'AAAA' }, caption: 'a' },
    ],
    ['a message type that does not exist', sendMessageSchema, { to: '15550000001', text: 'x', type: 'hologram' }],
    ['a sequence number below zero', handshakeSchema, { after: { a: -1 } }],
  ])('are refused with %s', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false)
  })

  it('may leave everything out where everything is optional', () => {
    expect(createSessionSchema.parse({})).toEqual({})
    expect(updateSessionSchema.parse({ label: null })).toEqual({ label: null })
    expect(handshakeSchema.parse({})).toEqual({})
  })
})

describe('problem+json', () => {
  it('has the fields of RFC 9457 and a code', () => {
    const problem: contract.Problem = {
      type: 'https://example.org/errors#session_not_found',
      title: 'There is no such session',
      status: 404,
      detail: 'There is no such session',
      code: 'SESSION_NOT_FOUND',
    }
    expect(problemSchema.parse(problem)).toEqual(problem)
  })
})

describe('EVENT_NAMES', () => {
  it("has the owner's four names", () => {
    expect(EVENT_NAMES).toEqual(expect.arrayContaining(['qr', 'connected', 'message', 'message-sent']))
  })
})

/** Intersections written out, as zod infers them. */
type Flat<T> = { [Key in keyof T]: T[Key] }

/** Of each kind of message: what JSON can carry. A file is base64 or a URL there, and in process bytes and streams too. */
type OnTheWire<Options> = Options extends { media: core.MediaInput }
  ? Flat<Omit<Options, 'signal' | 'media'> & { media: MediaOnTheWire }>
  : Options extends unknown
    ? Flat<Omit<Options, 'signal'>>
    : never
type MediaOnTheWire = WithNames<{ data: string }> | WithNames<{ url: string }>
type WithNames<Source> = Flat<Source & Omit<core.MediaInput, 'data' | 'url' | 'stream'>>

/** The fields of any of a union. */
type KeyOf<Union> = Union extends unknown ? keyof Union : never
